import Datasets
import Evaluators
import Experiments
import Foundation
import OperationCosts
import SearchCore
import SearchMethods
import SearchSpaces

/// The one place where the names of a suite meet the things that they stand for.
struct SuiteWorkbench: Workbench {
  let spaces = SearchSpaceCatalog.all
  let methods = SearchMethodCatalog.all
  let datasetNames: [String]
  let deviceNames: [String]

  private let project: ProjectFolder

  /// Looks up what datasets and device profiles the project has.
  init(project: ProjectFolder) throws {
    self.project = project
    datasetNames = try project.library.manifests().map(\.name)
    let files = try FileManager.default.contentsOfDirectory(atPath: project.devices.path)
    deviceNames = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  var evaluators: [EvaluatorKind] {
    [EvaluatorKind(name: "table", trains: false)]
  }

  func device(named name: String) throws -> DeviceProfile {
    try DeviceProfileReader.read(
      project.devices.appending(path: "\(name).yaml"), shownAs: "Benchmarks/devices/\(name).yaml")
  }

  func evaluator(for request: EvaluatorRequest) throws -> any Evaluator {
    switch request.study.evaluator {
    case "table":
      return try TableEvaluator(nasBench201: project.library.table(request.study.dataset))
    case let other:
      throw CommandFailure("there is no evaluator '\(other)'; expected table")
    }
  }

  func environmentFacts() -> [EnvironmentFact] { MachineEnvironment.facts(repository: project.root) }

  func secondsPerReferenceSecond(for study: Study) -> Double? { nil }

  /// Variables of the processes that train: what must be set before their libraries are loaded.
  var workerEnvironment: [String: String] { [:] }
}

extension ProjectFolder {
  /// Device profiles.
  var devices: URL { root.appending(path: "Benchmarks/devices") }
  /// Suites.
  var suites: URL { root.appending(path: "Benchmarks/suites") }
  /// Results.
  var reports: URL { root.appending(path: "reports") }
}
