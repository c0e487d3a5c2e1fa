import Datasets
import Evaluators
import Experiments
import Foundation
import OperationCosts
import SearchCore
import SearchMethods
import SearchSpaces
import TensorCore
import WeightSharing

/// The one place where the names of a suite meet the things that they stand for.
struct SuiteWorkbench: Workbench {
  let spaces = SearchSpaceCatalog.all
  let methods = SuiteWorkbench.allMethods
  let datasetNames: [String]
  let deviceNames: [String]

  private static let allMethods: [any MethodDescription.Type] = {
    let all: [any MethodDescription.Type] = SearchMethodCatalog.all + WeightSharingCatalog.all
    return all.sorted { $0.name < $1.name }
  }()

  /// Which code multiplies matrices.
  private let blas: BLASBackend
  private let project: ProjectFolder

  /// Looks up what datasets and device profiles the project has.
  init(project: ProjectFolder, blas: BLASBackend = .standard) throws {
    self.blas = blas
    self.project = project
    datasetNames = try project.library.manifests().map(\.name)
    let files = try FileManager.default.contentsOfDirectory(atPath: project.devices.path)
    deviceNames = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  let evaluators = [
    EvaluatorKind(name: "table", trains: false), EvaluatorKind(name: "training", trains: true),
  ]

  func device(named name: String) throws -> DeviceProfile {
    try DeviceProfileReader.read(
      project.devices.appending(path: "\(name).yaml"), shownAs: "Benchmarks/devices/\(name).yaml")
  }

  func evaluator(for request: EvaluatorRequest) throws -> any Evaluator {
    let dataset = reference(request.study.dataset)
    switch request.study.evaluator {
    case "table": return try TableEvaluator(nasBench201: project.library.table(dataset))
    case "training": return try training(request, dataset: dataset)
    case let other:
      throw CommandFailure("there is no evaluator '\(other)'; expected table or training")
    }
  }

  private func training(
    _ request: EvaluatorRequest, dataset: String
  ) throws -> any Evaluator {
    let name = request.space
    guard let space = SearchSpaceCatalog.named(name) as? any TrainableSearchSpace,
      let numbers = request.study.training
    else {
      throw CommandFailure("search space '\(name)' has no networks; expected one that trains")
    }
    let data = try project.library.images(dataset)
    let limit = DataSplit.Limit(
      training: numbers.scale.trainingImages, validation: numbers.scale.validationImages)
    let split = try DataSplit.make(
      trainingCount: data.training.count, validationCount: data.validationCount, limit: limit,
      key: request.splitKey)
    return TrainingEvaluator(
      space: space, data: data, split: split, training: numbers,
      finalTraining: request.study.finalTraining, device: request.device,
      context: try ComputeContext(threads: request.threads, blas: blas))
  }

  /// A manifest's path starts at the project's root, wherever the command is typed.
  private func reference(_ dataset: String) -> String {
    guard dataset.hasSuffix(".yaml"), !dataset.hasPrefix("/") else { return dataset }
    return project.root.appending(path: dataset).path
  }

  /// What decides the bits and can be known before a run's process is there.
  ///
  /// - Parameter suite: Its runs' processes get the kernel that it names, or this processor's best.
  func codeFacts(of suite: Suite) throws -> [EnvironmentFact] {
    let kernel = try OpenBLASKernel.choose(
      named: suite.openBLASKernel, on: MachineEnvironment.instructionSet)
    let exported = ProcessInfo.processInfo.environment[OpenBLASKernel.variable]
    return [
      EnvironmentFact(name: "program", value: "sha256:\(try ProgramFile.checksum())"),
      EnvironmentFact(name: "matrix products", value: blas.rawValue),
      EnvironmentFact(name: "BLAS", value: OpenBLAS.configuration),
      EnvironmentFact(
        name: "BLAS core type",
        value: kernel ?? exported ?? "chosen by OpenBLAS"),
    ]
  }

  func environmentFacts() -> [EnvironmentFact] {
    let program = try? ProgramFile.checksum()
    return MachineEnvironment.facts(repository: project.root) + [
      EnvironmentFact(name: "program", value: program.map { "sha256:\($0)" } ?? "unknown"),
      EnvironmentFact(name: "matrix products", value: blas.rawValue),
      EnvironmentFact(name: "BLAS", value: OpenBLAS.configuration),
      EnvironmentFact(
        name: "BLAS kernel", value: blas == .native ? "not used" : OpenBLAS.kernel),
    ]
  }

  /// Published results.
  var claims: URL { project.root.appending(path: "Benchmarks/claims") }
}

extension ProjectFolder {
  /// Device profiles.
  var devices: URL { root.appending(path: "Benchmarks/devices") }
  /// Suites.
  var suites: URL { root.appending(path: "Benchmarks/suites") }
  /// Results.
  var reports: URL { root.appending(path: "reports") }
}
