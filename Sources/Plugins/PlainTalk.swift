import Foundation
import SearchCore

/// A conversation that was begun, with whatever requests a scenario needs: what every plug-in must do,
/// be it a method or an evaluator.
struct PlainTalk {
  private let process: PluginProcess
  private let introduction: [String: Any]

  /// Starts a program and sends `initialize`.
  init(
    _ command: PluginCommand, _ arguments: [String], _ initialization: [String: Any]
  ) throws {
    process = try PluginProcess(
      arguments, shownAs: command.line, deadlineSeconds: command.deadlineSeconds)
    introduction = try Self.answer(to: "initialize", initialization, of: process)
  }

  private static func answer(
    to method: String, _ parameters: [String: Any], of process: PluginProcess
  ) throws -> [String: Any] {
    let request: [String: Any] = [
      "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters,
    ]
    let line = try process.exchange(
      JSONSerialization.data(withJSONObject: request, options: .sortedKeys), for: method)
    return try JSONSerialization.jsonObject(with: line) as? [String: Any] ?? [:]
  }

  func unknownField() throws -> String? {
    introduction["result"] == nil ? "found no result" : nil
  }

  func unknownMethod() throws -> String? {
    let answer = try Self.answer(to: "no-such-method", [:], of: process)
    let code = (answer["error"] as? [String: Any])?["code"] as? Int
    return code == -32601 ? nil : "found code \(code.map(String.init) ?? "none")"
  }

  func endOfInput() throws -> String? {
    process.closeInput() == 0 ? nil : "it did not end, or not with code 0"
  }

  func termination() throws -> String? { process.terminate() ? nil : "it went on" }
}
