import Foundation
import Plugins
import Randomness
import SearchCore
import SearchSpaces

/// A plug-in written as a script of the shell: whatever a stranger's program may do.
struct ShellPlugin {
  /// What a method answers to `initialize`.
  static let introduction =
    #"{"jsonrpc":"2.0","id":0,"result":{"protocol":"1.0","plugin":{"name":"shell","version":"1"}}}"#

  /// Reads a request and answers with a line.
  static func answer(_ line: String) -> String { "read -r request; echo '\(line)'\n" }

  /// Answers `initialize`, then the first `ask` with the given result.
  static func proposing(_ result: String) -> String {
    answer(introduction) + answer(#"{"jsonrpc":"2.0","id":1,"result":\#(result)}"#)
  }

  static func command(_ script: String, deadlineSeconds: Double = 10) -> PluginCommand {
    PluginCommand(arguments: ["sh", "-c", script], deadlineSeconds: deadlineSeconds)
  }

  static func begin(_ script: String, deadlineSeconds: Double = 10) throws -> PluginSearcher {
    try begin(command(script, deadlineSeconds: deadlineSeconds))
  }

  static func begin(_ command: PluginCommand, seed: UInt64 = 1) throws -> PluginSearcher {
    try PluginSearcher(
      command, arguments: command.arguments, run: "study/shell/0", space: NASBench201(),
      objective: .classificationError, budget: Budget(10, .trials), key: RandomKey(seed: seed))
  }
}
