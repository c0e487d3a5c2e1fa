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
    let (row, canonical) = try harness.kill(times: kills, reference)
    #expect(row.kills >= kills)
    #expect(row.search > 0 && row.selection > 0 && row.writing > 0)
    #expect(row.finalTraining > 0 || harness.suite.name == SmallSuite.table.name)
    #expect(canonical == reference.canonical)
    try note(row, isSame: canonical == reference.canonical, harness.suite)
  }

  private func note(_ row: CrashHarness.Row, isSame: Bool, _ suite: SmallSuite) throws {
    guard let path = Self.environment["SEARCHLIGHT_CRASH_TABLE"] else { return }
    let line =
      "| \(suite.name) | \(suite.methods[0]) | \(row.kills) | \(row.search) | \(row.selection) | "
      + "\(row.finalTraining) | \(row.writing) | \(Int((100 * row.wastedShare).rounded())) % | "
      + "\(isSame ? "same bytes" : "DIFFERENT") |\n"
    let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    try Data((old + line).utf8).write(to: URL(filePath: path))
  }

  @Test(arguments: SmallSuite.methodNames)
  func aTrainedRunEndsWithTheSameBytes(method: String) throws {
    try hold(CrashHarness(suite: SmallSuite.training.only(method), key: RandomKey(seed: 1)))
  }

  @Test(.enabled(if: ProgramRun.hasPython, "needs python3"))
  func aRunOfAPluginEndsWithTheSameBytes() throws {
    let suite = SmallSuite.training.only(SmallSuite.plugin)
    try hold(CrashHarness(suite: suite, key: RandomKey(seed: 6)))
  }

  @Test(arguments: SmallSuite.oneShotNames)
  func aOneShotSearchEndsWithTheSameBytes(method: String) throws {
    try hold(CrashHarness(suite: SmallSuite.oneShot.only(method), key: RandomKey(seed: 3)))
  }

  @Test(arguments: SmallSuite.languageNames)
  func aSearchOfRecurrentCellsEndsWithTheSameBytes(method: String) throws {
    try hold(CrashHarness(suite: SmallSuite.language.only(method), key: RandomKey(seed: 4)))
  }

  @Test(
    .enabled(if: SharedFolder.path("data/nasbench201") != nil, "needs the recorded table"),
    arguments: SmallSuite.methodNames)
  func aRunOnATableEndsWithTheSameBytes(method: String) throws {
    let table = try #require(SharedFolder.path("data/nasbench201"))
    let cache = ProgramRun.scratch.appending(path: "searchlight-\(UUID())")
    defer { try? FileManager.default.removeItem(at: cache) }
    let suite = SmallSuite.table.only(method)
    let importer = try ProgramRun(suite: suite, data: cache)
    let end = try importer(["data", "import", "nasbench201", table.path])
    #expect(end.code == 0, "\(end.errors)")
    try hold(CrashHarness(suite: suite, key: RandomKey(seed: 2), data: cache))
  }
}
