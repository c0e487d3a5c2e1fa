import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct RecordedTableTests {
  static let first = "arch,val\na|b,1.5\nc|d,2.5\n"
  static let second = "test,arch,class\r\n9,c|d,y\r\n8,a|b,x\r\n"

  private static func yaml(_ first: String, _ second: String) -> String {
    let files = [("one.csv", first), ("two.csv", second)].map { name, text in
      "  - path: \(name)\n    bytes: \(text.utf8.count)\n"
        + "    sha256: \(TinyDataset.sha256(Array(text.utf8)))\n"
    }
    return """
      name: recorded
      version: "1"
      title: Recorded
      citation: nobody
      licence: none
      decoder: recorded-table
      table:
        rows: 2
        sources:
          - {file: one.csv, key: arch, numbers: {val: validation-accuracy}}
          - {file: two.csv, key: arch, numbers: {test: test-accuracy}, texts: {class: kind}}
      files:
      \(files.joined())
      """
  }

  private func table(_ first: String, _ second: String) throws -> RecordedTable {
    let folder = try TemporaryFolder()
    try Data(first.utf8).write(to: folder.url.appending(path: "one.csv"))
    try Data(second.utf8).write(to: folder.url.appending(path: "two.csv"))
    let library = DatasetLibrary(
      manifestFolder: folder.url, cache: folder.url.appending(path: "cache"))
    let manifest = try DatasetManifest(
      yaml: Self.yaml(first, second), source: URL(filePath: "recorded.yaml"))
    try library.importing(manifest, from: [folder.url])
    return try library.table("recorded")
  }

  @Test func filesAreJoinedByKey() throws {
    let table = try table(Self.first, Self.second)
    #expect(table.columns == ["validation-accuracy", "test-accuracy"])
    #expect(
      table.rows == [
        RecordedTable.Row(key: "a|b", values: [1.5, 8], texts: ["x"]),
        RecordedTable.Row(key: "c|d", values: [2.5, 9], texts: ["y"]),
      ])
    #expect(table.row("c|d")?.texts == ["y"])
    #expect(table.value("a|b", "test-accuracy") == 8)
    #expect(table.row("e|f") == nil)
  }

  @Test(arguments: Edit.allCases)
  func everySavingIsReadTheSame(edit: Edit) throws {
    #expect(
      try table(edit(Self.first), edit(Self.second)).rows == table(Self.first, Self.second).rows)
    #expect(try table(edit(Self.first + "\n"), Self.second).rows.count == 2)
  }

  @Test(arguments: [
    ("arch,val\na|b,1.5\nc|d,?\n", "one.csv, record 2: found '?', expected a number"),
    ("arch,val\na|b,1.5\nc|d,nan\n", "one.csv, record 2: found 'nan', expected a number"),
    ("arch,val\na|b,1.5\n", "one.csv: found 1 rows, expected 2 rows"),
    ("arch,val\na|b,1\nc|d,2\ne|f,3\n", "one.csv: found more, expected 2 rows"),
    (
      "arch,val\na|b,1\na|b,2\n", "one.csv, record 2: found key 'a|b' again, expected each key once"
    ),
    ("arch,val\na|b,1\nc|d\n", "one.csv, record 2: found 1 fields, expected 2"),
    ("arch,vol\na|b,1\nc|d,2\n", "one.csv: found columns arch, vol, expected a column 'val'"),
    (
      "arch,val,val\na|b,1,2\nc|d,2,3\n",
      "one.csv: found column 'val' twice, expected each column once"
    ),
    (
      "arch,val,arch\na|b,1,x\nc|d,2,y\n",
      "one.csv: found column 'arch' twice, expected each column once"
    ),
    (
      "arch,val\na|b,0.9412\nc|d,0.1\n",
      "one.csv: found at most 0.9412 in column 'val', as fractions are, expected accuracies in "
        + "percent, from 0 to 100"
    ),
    ("arch,val\na|b,1\ne|f,2\n", "two.csv: found no row 'e|f', expected the keys of one.csv"),
  ])
  func badTableIsRefused(_ first: String, _ message: String) {
    let error = #expect(throws: DatasetError.self) { try table(first, Self.second) }
    #expect(error?.description == message)
  }
}
