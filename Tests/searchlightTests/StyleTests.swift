import Foundation
import TestSupport
import Testing

/// Rules of style that a file can be checked for.
@Suite struct StyleTests {
  @Test(arguments: SourceTree.all)
  func filesAreShort(file: SourceTree.File) {
    // The newline at the end starts no line.
    let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
    let limit = file.path.hasPrefix("Tests/") ? 600 : 500
    let isData = file.path.hasSuffix(".md") || file.path.hasSuffix(".yaml")
    #expect(isData || count <= limit, "\(count) lines")
  }

  /// Lines with one of these, by file; strings and comments count too, to keep the rule simple.
  @Test(
    arguments: [
      ("try!", []), (" as!", []), ("fatalError(", ["Sources/Checks/Check.swift"]),
      // Says nothing in a release build.
      ("precondition", []),
      // What is printed goes out in one place, which no output that is gone can trap.
      ("FileHandle.standard", []), (" print(", []), ("fputs(", []),
      // Text that people may edit is read in one place; CRLF is one `Character`.
      ("String(contentsOf", []),
      (
        "split(separator: \"\\n\"",
        [
          "Sources/SearchCore/EditedText.swift", "Sources/Experiments/KernelFile.swift",
          // Texts of our own.
          "Sources/Reports/PageComposer.swift", "Sources/Charts/Canvas+Drawing.swift",
        ]
      ),
      // What the job may use is less than what the machine has.
      ("activeProcessorCount", []), ("/sys/fs/cgroup", []),
      ("SystemRandomNumberGenerator", []), (".hashValue", []), ("import XCTest", []),
    ] as [(String, Set<String>)])
  func forbiddenWordsAreAbsent(word: String, allowed: Set<String>) {
    let users = SourceTree.swiftSources.filter { file in
      file.lines.contains { $0.contains(word) && !isComment($0) }
    }
    #expect(users.map { $0.path }.filter { !allowed.contains($0) } == [])
    #expect(allowed.isSubset(of: users.map { $0.path }), "the exception is not needed any more")
  }

  private func isComment(_ line: String) -> Bool {
    line.trimmingCharacters(in: .whitespaces).hasPrefix("//")
  }

  /// Written in two parts, so that this file has none itself.
  @Test(arguments: ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"])
  func noMarksOfUnfinishedWork(mark: String) throws {
    let word = try Regex("\\b\(mark)\\b")
    let users = SourceTree.all.filter { file in file.lines.contains { $0.contains(word) } }
    #expect(users.map { $0.path } == [])
  }

  @Test func filesAreNamedAfterTheirTypes() {
    let vague = /(Utils|Utilities|Helpers?|Manager|Common|Misc)\.swift$/
    #expect(SourceTree.swiftSources.map { $0.path }.filter { $0.contains(vague) } == [])
  }

  @Test func theTopOfTheRepositoryStaysSmall() throws {
    let allowed: Set<String> = [
      "Package.swift", "Sources", "Tests", "Benchmarks", "reports", "datasets", "README.md",
      // Written by the package manager and ignored by git.
      "Package.resolved",
    ]
    let names = try FileManager.default.contentsOfDirectory(atPath: SharedFolder.repository.path)
    #expect(names.filter { !$0.hasPrefix(".") && !allowed.contains($0) }.sorted() == [])
  }
}
