import Foundation
import TestSupport
import Testing

/// `searchlight init`, and plans of what is not there yet.
@Suite(.enabled(if: ProgramRun.isThere, "needs the built program"))
struct InitCommandTests {
  private let project: ProgramRun

  init() throws { project = try ProgramRun(suite: SmallSuite.training) }

  private func file(_ name: String) -> URL {
    project.home.appending(path: "Benchmarks/suites/\(name).yaml")
  }

  @Test func theSuiteCanBePlannedAsItIs() throws {
    let end = try project(["init", "my-suite"])
    #expect(end.code == 0, "\(end.errors)")
    #expect(end.output.contains("type 'searchlight plan my-suite'"))
    let text = try String(contentsOf: file("my-suite"), encoding: .utf8)
    #expect(!text.contains("NAME"))
    let plan = try project(["plan", "my-suite", "--json"])
    #expect(plan.code == 0, "\(plan.errors)")
    #expect(plan.output.contains("\"regularized-evolution\""))
  }

  @Test func aFileThatIsThereIsLeftAlone() throws {
    let before = try Data(contentsOf: file("small"))
    let end = try project(["init", "small"])
    #expect(end.code == 1)
    #expect(end.errors.contains("small.yaml is there already; choose another name"))
    #expect(try Data(contentsOf: file("small")) == before)
  }

  @Test(arguments: ["../up", "Upper", "", "a b", "-", "a\nseed: 2"])
  func aNameThatIsNoneIsRefused(name: String) throws {
    let end = try project(["init", "--", name])
    #expect(end.code == 1)
    #expect(end.errors.split(separator: "\n").count == 1, "\(end.errors)")
    let suites = project.home.appending(path: "Benchmarks/suites")
    #expect(try FileManager.default.contentsOfDirectory(atPath: suites.path) == ["small.yaml"])
  }

  @Test func dataThatAreNotHereArePricedByTheirManifest() throws {
    let project = try ProgramRun(suite: SmallSuite.training, ownFiles: true)
    for (dataset, text) in [
      ("cifar10", SmallSuite.training.without("asha").text), ("ptb", SmallSuite.language.text),
    ] {
      let name = dataset == "ptb" ? "small-language" : "small"
      let suite = text.replacing("dataset: shapes10", with: "dataset: cifar10")
        .replacing("dataset: grammar", with: "dataset: ptb")
      try Data(suite.utf8).write(
        to: project.home.appending(path: "Benchmarks/suites/\(name).yaml"))
      let plan = try project(["plan", name])
      #expect(plan.code == 0, "\(plan.errors)")
      #expect(plan.output.contains("was priced by its dataset's manifest: dataset '\(dataset)'"))
      #expect(!plan.output.contains("unknown on the"), "\(plan.output)")
      let run = try project(["run", name, "--allow-commands"])
      #expect(run.code == 1)
      #expect(run.errors.contains("dataset '\(dataset)'"), "\(run.errors)")
    }
  }
  @Test func finalScoresOfAnAbsentTableCostNothing() throws {
    let project = try ProgramRun(suite: SmallSuite.training, ownFiles: true)
    let suite = SmallSuite.training.text
      .replacing("methods:", with: "final: table\n    methods:")
      .replacing(", final: {epochs: 3}", with: "")
    try Data(suite.utf8).write(to: project.home.appending(path: "Benchmarks/suites/small.yaml"))
    let plan = try project(["plan", "small"])
    #expect(plan.code == 0, "\(plan.errors)")
    #expect(plan.output.contains("final scores are looked up"), "\(plan.output)")
    let run = try project(["run", "small"])
    #expect(run.code == 1)
    #expect(run.errors.contains("dataset 'nasbench201'"), "\(run.errors)")
  }
}
