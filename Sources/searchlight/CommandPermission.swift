import Experiments
import Foundation
import SearchCore

/// Whether programs that a suite names may be started: suites come from strangers.
struct CommandPermission {
  /// Whether `--allow-commands` was typed.
  var all = false

  /// Refuses commands that nobody has allowed, saying what would be run.
  func check(_ plugins: [PluginCommand]) throws {
    guard !all, !plugins.isEmpty else { return }
    let allowed = try Self.allowed()
    let refused = plugins.filter { !allowed.contains($0.digest) }
    guard let first = refused.first else { return }
    let more = refused.count > 1 ? " and \(refused.count - 1) more" : ""
    throw CommandFailure(
      "the suite would start '\(first.line)'\(more); if you trust it, add --allow-commands, or type "
        + "'searchlight plugin allow SUITE' to be asked no more while its files stay as they are")
  }

  /// Allows commands from now on.
  ///
  /// - Returns: The file that says so.
  static func allow(_ plugins: [PluginCommand]) throws -> URL {
    let digests = try allowed().union(plugins.map(\.digest)).sorted()
    try RecordFile.write(Data(digests.map { $0 + "\n" }.joined().utf8), to: file)
    return file
  }

  private static func allowed() throws -> Set<String> {
    guard FileManager.default.fileExists(atPath: file.path) else { return [] }
    return Set(try EditedText(contentsOf: file, limitBytes: 1 << 20).lines.map { String($0) })
  }

  /// One digest a line, in the user's own settings and not in the project: that may be a stranger's.
  private static var file: URL {
    let variables = ProcessInfo.processInfo.environment
    let settings =
      variables["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : URL(filePath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".config")
    return settings.appending(path: "searchlight/allowed-commands")
  }
}

extension PluginCommand {
  /// SHA-256 of what is started: the words, and the bytes of the files among them.
  var digest: String {
    let words = arguments.map { "\($0.utf8.count):\($0)=\(checksums[$0] ?? "")" }
    return RecordFile.checksum(of: Data(words.joined(separator: "\n").utf8))
  }
}
