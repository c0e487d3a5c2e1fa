import Datasets
import Evaluators
import Experiments
import Foundation
import SearchCore
import SearchMethods
import TestSupport
import Testing
import Verification

/// What `verify` replays is what a suite's runs do.
///
/// Skipped where the shared folder's data is not there.
@Suite(.enabled(if: ProgramRun.isThere && SharedFolder.path("data/nasbench201") != nil))
struct ReplayTests {
  /// Three seeds of each, to the bit.
  @Test(arguments: [
    ("random-search", [:]), ("reinforce", ["learning-rate": 0.5]),
    ("regularized-evolution", ["population-size": 2, "sample-size": 2]),
  ])
  func replaysEqualASuitesRuns(name: String, settings: [String: Double]) throws {
    let source = try #require(SharedFolder.path("data/nasbench201"))
    let text = SmallSuite.table.only(name).text
      .replacing("seeds: 1", with: "seeds: 3").replacing("workers: 2", with: "workers: 1")
    let suite = SmallSuite(name: "small-table", study: "cifar10", text: text)
    let project = try ProgramRun(suite: suite, ownFiles: true)
    #expect(try project(["data", "import", "nasbench201", source.path]).code == 0)
    let end = try project(["run", "small-table"])
    #expect(end.code == 0, "\(end.errors)")
    let results = try Data(
      contentsOf: project.home.appending(path: "reports/small-table/results.canonical.json"))
    let printed = String(decoding: results, as: UTF8.self).matches(
      of: /"test[A-Za-z]*":([0-9.e-]+)/
    ).map { Double($0.1) }

    let library = DatasetLibrary(
      manifestFolder: SharedFolder.repository.appending(path: "datasets"),
      cache: project.home.appending(path: "data"))
    let replay = TableReplay(
      try #require(SearchMethodCatalog.named(name)), settings: settings,
      budget: Budget(3000, .referenceGPUSeconds),
      on: try TableEvaluator(nasBench201: library.table("nasbench201")))
    let replayed = try (0..<3).map { seed in
      try replay.testScore(
        key: RunKeys(suiteSeed: 5, task: "nasbench201", method: name, seedIndex: seed).run)
    }
    #expect(replayed == printed && Set(replayed).count > 1)
  }
}
