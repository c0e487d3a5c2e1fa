import Foundation

/// What a JSON value must look like, in the few words of JSON Schema that reports' formats use.
///
/// Objects are closed: a name that is not listed is a problem.
indirect enum Shape: Sendable {
  case text
  case flag
  case whole
  /// A whole number of at least 1.
  case position
  /// One of these texts.
  case oneOf(Set<String>)
  /// 64 hexadecimal digits.
  case sha256
  case list(Shape)
  /// Any names, values of one shape.
  case dictionary(Shape)
  case object(required: [String: Shape], optional: [String: Shape])

  /// What is wrong with a JSON text, each with its path; none if it fits.
  func problems(in data: Data) throws -> [String] {
    problems(try JSONDecoder().decode(Value.self, from: data), "")
  }

  private func problems(_ value: Value, _ path: String) -> [String] {
    switch (self, value) {
    case (.text, .text), (.flag, .flag), (.whole, .whole): []
    case (.position, .whole(1...)): []
    case (.oneOf(let texts), .text(let text)) where texts.contains(text): []
    case (.sha256, .text(let text)) where text.wholeMatch(of: /[0-9a-f]{64}/) != nil: []
    case (.list(let item), .list(let values)):
      values.enumerated().flatMap { item.problems($1, "\(path)[\($0)]") }
    case (.dictionary(let item), .object(let values)):
      values.keys.sorted().flatMap { name in
        values[name].map { item.problems($0, "\(path).\(name)") } ?? []
      }
    case (.object(let required, let optional), .object(let values)):
      required.keys.sorted().filter { values[$0] == nil }.map { "\(path).\($0) is missing" }
        + values.keys.sorted().flatMap { name in
          guard let shape = required[name] ?? optional[name], let value = values[name] else {
            return ["\(path).\(name) is unknown"]
          }
          return shape.problems(value, "\(path).\(name)")
        }
    default: ["\(path) is \(value)"]
    }
  }
}

/// A JSON value; Foundation's own reader takes `true` for 1.
private enum Value: Decodable {
  case flag(Bool)
  case whole(Int)
  case number(Double)
  case text(String)
  case list([Value])
  case object([String: Value])
  case null

  init(from decoder: any Decoder) throws {
    let single = try decoder.singleValueContainer()
    if single.decodeNil() {
      self = .null
    } else if let flag = try? single.decode(Bool.self) {
      self = .flag(flag)
    } else if let whole = try? single.decode(Int.self) {
      self = .whole(whole)
    } else if let number = try? single.decode(Double.self) {
      self = .number(number)
    } else if let text = try? single.decode(String.self) {
      self = .text(text)
    } else if let list = try? single.decode([Value].self) {
      self = .list(list)
    } else {
      self = .object(try single.decode([String: Value].self))
    }
  }
}
