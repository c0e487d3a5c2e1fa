import Foundation

/// Requests to a program and its answers, numbered from 0: JSON-RPC 2.0 over the pipes of a child
/// process.
final class PluginConnection {
  /// Version of the protocol that is spoken.
  static let protocolVersion = "1.0"

  let process: PluginProcess
  private var requests = 0

  init(to process: PluginProcess) { self.process = process }

  /// Begins a conversation.
  ///
  /// - Throws: `PluginError` if the program speaks another version of the protocol.
  func initialize<Introduction: PluginIntroducing>(
    _ parameters: some Encodable, as introduction: Introduction.Type
  ) throws(PluginError) -> Introduction {
    try begin("initialize", parameters)
    while true {
      if let found = try self.introduction(as: introduction, within: .infinity) { return found }
    }
  }

  /// Reads the answer to `initialize`; `nil` if there is none within so many seconds.
  ///
  /// - Throws: `PluginError` if the program speaks another version of the protocol.
  func introduction<Introduction: PluginIntroducing>(
    as introduction: Introduction.Type, within seconds: Double
  ) throws(PluginError) -> Introduction? {
    guard let found = try answer(to: "initialize", as: introduction, within: seconds) else {
      return nil
    }
    guard Self.major(found.protocol) == Self.major(Self.protocolVersion) else {
      throw process.failure(
        "initialize: speaks protocol \(found.protocol.prefix(20)); "
          + "expected \(Self.protocolVersion)")
    }
    return found
  }

  private static func major(_ version: String) -> Substring { version.prefix { $0 != "." } }

  /// Sends a request and reads its answer.
  func request<Result: Decodable>(
    _ method: String, _ parameters: some Encodable, as result: Result.Type
  ) throws(PluginError) -> Result {
    try begin(method, parameters)
    while true {
      if let found = try answer(to: method, as: result, within: .infinity) { return found }
    }
  }

  /// Sends a request; its answer is to be read next.
  func begin(_ method: String, _ parameters: some Encodable) throws(PluginError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let message = PluginRequest(id: requests, method: method, params: parameters)
    guard let text = try? encoder.encode(message), text.count < PluginProcess.longestLine else {
      throw process.failure("\(method): the request does not fit a line")
    }
    requests += 1
    try process.begin(text, for: method)
  }

  /// Reads the answer to the last request; `nil` if there is none within so many seconds.
  func answer<Result: Decodable>(
    to method: String, as result: Result.Type, within seconds: Double
  ) throws(PluginError) -> Result? {
    guard let line = try process.answer(to: method, within: seconds) else { return nil }
    let shown = String(decoding: line.prefix(100), as: UTF8.self)
    let answer: PluginAnswer<Result>
    do {
      answer = try JSONDecoder().decode(PluginAnswer<Result>.self, from: line)
    } catch {
      throw process.failure(
        "\(method): found '\(shown)' on its standard output; expected a JSON-RPC answer as the "
          + "protocol has it, and everything else on standard error")
    }
    if let failure = answer.error {
      throw process.failure("\(method): error \(failure.code): \(failure.message.prefix(500))")
    }
    guard answer.id == requests - 1, let result = answer.result else {
      throw process.failure(
        "\(method): found '\(shown)'; expected the answer to request \(requests - 1)")
    }
    return result
  }
}
