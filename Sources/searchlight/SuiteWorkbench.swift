import Datasets
import Evaluators
import Experiments
import Foundation
import OperationCosts
import SearchCore
import SearchMethods
import SearchSpaces
import TensorCore

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
    [EvaluatorKind(name: "table", trains: false), EvaluatorKind(name: "training", trains: true)]
  }

  func device(named name: String) throws -> DeviceProfile {
    try DeviceProfileReader.read(
      project.devices.appending(path: "\(name).yaml"), shownAs: "Benchmarks/devices/\(name).yaml")
  }

  func evaluator(for request: EvaluatorRequest) throws -> any Evaluator {
    switch request.study.evaluator {
    case "table":
      return try TableEvaluator(nasBench201: project.library.table(request.study.dataset))
    case "training": return try trainingEvaluator(for: request)
    case let other:
      throw CommandFailure("there is no evaluator '\(other)'; expected table or training")
    }
  }

  private func trainingEvaluator(for request: EvaluatorRequest) throws -> any Evaluator {
    let study = request.study
    let spaces = self.spaces.compactMap { $0 as? any TrainableSearchSpace }
    guard let space = spaces.first(where: { type(of: $0).name == study.space }),
      let training = study.training
    else {
      throw CommandFailure(
        "study '\(study.name)': networks of space '\(study.space)' cannot be trained; expected one "
          + "of " + spaces.map { type(of: $0).name }.joined(separator: ", "))
    }
    let data = try project.library.images(datasetName(of: study))
    let split = try DataSplit.make(
      trainingCount: data.training.count, validationCount: data.validationCount,
      limit: DataSplit.Limit(
        training: training.scale.trainingImages, validation: training.scale.validationImages),
      key: request.splitKey)
    return TrainingEvaluator(
      space: space, data: data, split: split, training: training, device: request.device,
      context: try ComputeContext(threads: request.threads))
  }

  /// The dataset of a study that may name the path of a manifest.
  private func datasetName(of study: Study) throws -> String {
    guard study.dataset.hasSuffix(".yaml") else { return study.dataset }
    return try project.library.userManifest(URL(filePath: study.dataset, relativeTo: project.root))
      .name
  }

  func environmentFacts() -> [EnvironmentFact] {
    MachineEnvironment.facts(repository: project.root) + [
      EnvironmentFact(name: "instruction set", value: InstructionSet.best.rawValue),
      EnvironmentFact(name: "OpenBLAS", value: OpenBLAS.configuration),
      EnvironmentFact(name: "OpenBLAS kernel", value: OpenBLAS.kernel),
    ]
  }

  func secondsPerReferenceSecond(for study: Study) -> Double? { nil }

  /// Variables of the processes that train: what must be set before their libraries are loaded.
  ///
  /// OpenBLAS takes the kernel that an exported OPENBLAS_CORETYPE names, also one that is half as
  /// fast as the processor allows; a name of our own also makes the bits the same wherever the
  /// instruction set is.
  var workerEnvironment: [String: String] {
    switch InstructionSet.best {
    case .avx512: ["OPENBLAS_CORETYPE": "SkylakeX"]
    case .avx2: ["OPENBLAS_CORETYPE": "Haswell"]
    case .generic: [:]
    }
  }
}

extension ProjectFolder {
  /// Device profiles.
  var devices: URL { root.appending(path: "Benchmarks/devices") }
  /// Suites.
  var suites: URL { root.appending(path: "Benchmarks/suites") }
  /// Results.
  var reports: URL { root.appending(path: "reports") }
}
