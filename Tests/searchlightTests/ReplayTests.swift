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
  @Test(arguments: [("random-search", [:]), ("reinforce", ["learning-rate": 0.5])])
  func aReplayEqualsASuitesRun(name: String, settings: [String: Double]) throws {
    let source = try #require(SharedFolder.path("data/nasbench201"))
    let project = try ProgramRun(suite: SmallSuite.table.only(name), ownFiles: true)
    #expect(try project(["data", "import", "nasbench201", source.path]).code == 0)
    let end = try project(["run", "small-table"])
    #expect(end.code == 0, "\(end.errors)")
    let results = try Data(
      contentsOf: project.home.appending(path: "reports/small-table/results.canonical.json"))
    let text = String(decoding: results, as: UTF8.self)
    let printed = try #require(text.firstMatch(of: /"test[A-Za-z]*":([0-9.e-]+)/)?.1)

    let library = DatasetLibrary(
      manifestFolder: SharedFolder.repository.appending(path: "datasets"),
      cache: project.home.appending(path: "data"))
    let replay = TableReplay(
      try #require(SearchMethodCatalog.named(name)), settings: settings,
      budget: Budget(3000, .referenceGPUSeconds),
      on: try TableEvaluator(nasBench201: library.table("nasbench201")))
    let keys = RunKeys(suiteSeed: 5, task: "nasbench201", method: name, seedIndex: 0)
    #expect(try replay.testScore(key: keys.run) == Double(printed))
  }
}
