import Statistics
import Testing

/// A case of the fixtures beside this file: what another library prints for the same input.
struct Golden: Sendable, CustomStringConvertible {
  let test: String
  let option: String
  let first: [Double]
  let second: [Double]
  let expected: [Double]

  /// The option of a test that has sides.
  func side() throws -> Alternative { try #require(Alternative(rawValue: option)) }

  var description: String { "\(test) \(option) \(first) \(second)" }

  /// Reads one case a line: test|option|first|second|expected.
  ///
  /// A line that is not a case is kept as one that no test knows, so that the count shows it.
  static func parse(_ text: String) -> [Golden] {
    text.split(separator: "\n").map { line in
      let fields = line.split(separator: "|", omittingEmptySubsequences: false)
      guard fields.count == 5 else {
        return Golden(test: String(line), option: "", first: [], second: [], expected: [])
      }
      let numbers = fields[2...].map { $0.split(separator: " ").compactMap { Double($0) } }
      return Golden(
        test: String(fields[0]), option: String(fields[1]), first: numbers[0],
        second: numbers[1], expected: numbers[2])
    }
  }

  /// Whether numbers agree to 1e-9 of their size, or of `floor` where they are smaller.
  static func agree(_ value: Double, _ expected: Double, floor: Double = 0) -> Bool {
    (value - expected).magnitude <= 1e-9 * max(expected.magnitude, floor)
  }
}

extension [Golden] {
  func of(_ test: String) -> [Golden] { filter { $0.test == test } }
}
