import Foundation
import Randomness
import TestSupport
import Testing

/// However often the program is killed, it ends with the same bytes.
///
/// `$SEARCHLIGHT_CRASH_KILLS` asks for more kills a method than the tests have time for, and
/// `$SEARCHLIGHT_CRASH_TABLE` names a file for what was found: `Benchmarks/crash-harness` sets both.
@Suite(.serialized, .enabled(if: ProgramRun.canFault, "needs the built program and clang"))
struct CrashTests {
  private static let environment = ProcessInfo.processInfo.environment
  private let kills = Self.environment["SEARCHLIGHT_CRASH_KILLS"].flatMap { Int($0) } ?? 20

  private func hold(_ harness: CrashHarness) throws {
    let reference = try harness.uninterrupted()
    let found = try harness.kill(times: kills, reference)
    for row in found.rows {
      #expect(row.kills >= kills, "\(row.method)")
      #expect(row.search > 0 && row.writing > 0, "\(row.method)")
    }
    #expect(found.canonical == reference.canonical)
    try note(found, isSame: found.canonical == reference.canonical, harness.suite.name)
  }

  private func note(
    _ found: (rows: [CrashHarness.Row], canonical: Data), isSame: Bool, _ suite: String
  ) throws {
    guard let path = Self.environment["SEARCHLIGHT_CRASH_TABLE"] else { return }
    let rows = found.rows.map { row in
      "| \(suite) | \(row.method) | \(row.kills) | \(row.search) | \(row.finalTraining) | "
        + "\(row.writing) | \(Int((100 * row.wastedShare).rounded())) % | "
        + "\(isSame ? "same bytes" : "DIFFERENT") |\n"
    }
    let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    try Data((old + rows.joined()).utf8).write(to: URL(filePath: path))
  }

  @Test func trainedRunsEndWithTheSameBytes() throws {
    try hold(
      CrashHarness(suite: SmallSuite.training, key: RandomKey(seed: 1)))
  }

  @Test(.enabled(if: SharedFolder.path("data/nasbench201") != nil, "needs the recorded table"))
  func runsOnATableEndWithTheSameBytes() throws {
    let data = try #require(SharedFolder.path("data/nasbench201"))
    let cache = FileManager.default.temporaryDirectory.appending(path: "searchlight-\(UUID())")
    defer { try? FileManager.default.removeItem(at: cache) }
    let importer = try ProgramRun(suite: SmallSuite.table, data: cache)
    let end = try importer(["data", "import", "nasbench201", data.path])
    #expect(end.code == 0, "\(end.errors)")
    try hold(CrashHarness(suite: SmallSuite.table, key: RandomKey(seed: 2), data: cache))
  }
}
