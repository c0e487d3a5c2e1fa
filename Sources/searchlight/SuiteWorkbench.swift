import Experiments
import Foundation
import OperationCosts
import Plugins
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
  let evaluators: [EvaluatorKind]
  let evaluatorPrograms = EvaluatorCatalog.programs

  private static let allMethods: [any MethodDescription.Type] = {
    let all: [any MethodDescription.Type] = SearchMethodCatalog.all + WeightSharingCatalog.all
    return all.sorted { $0.name < $1.name }
  }()

  /// Id of the method that reports measure the others against.
  var baseline: String? { methods.first { $0.isBaseline }.map { $0.name } }

  /// Which code multiplies matrices.
  private let blas: BLASBackend
  private let project: ProjectFolder
  /// Whether programs that a suite names may be started.
  private let commands: CommandPermission
  /// Whether data that are absent are made up, for a plan.
  private let standsIn: Bool

  /// Looks up what datasets and device profiles the project has.
  init(
    project: ProjectFolder, blas: BLASBackend = .standard,
    commands: CommandPermission = CommandPermission(), standsIn: Bool = false
  ) throws {
    self.standsIn = standsIn
    self.blas = blas
    self.project = project
    self.commands = commands
    let manifests = try project.library.manifests()
    datasetNames = manifests.map(\.name)
    evaluators = EvaluatorCatalog.kinds(with: manifests)
    let files = try FileManager.default.contentsOfDirectory(atPath: project.devices.path)
    deviceNames = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  func device(named name: String) throws -> DeviceProfile {
    try DeviceProfileReader.read(
      project.devices.appending(path: "\(name).yaml"), shownAs: "Benchmarks/devices/\(name).yaml")
  }

  func evaluator(for request: EvaluatorRequest) throws -> any Evaluator {
    let surroundings = EvaluatorCatalog.Surroundings(
      library: project.library, dataset: reference(request.study.dataset), blas: blas,
      standsIn: standsIn)
    if let program = request.study.evaluatorProgram {
      return try EvaluatorCatalog.program(
        program, arguments: project.resolving(filesIn: program.arguments), request, surroundings
      ) {
        try commands.check([program])
        try checkFiles(of: program)
      }
    }
    let name = request.study.evaluator
    guard let entry = EvaluatorCatalog.named(name) else {
      throw CommandFailure(
        "there is no evaluator '\(name)'; expected one of "
          + evaluators.map(\.name).joined(separator: ", "))
    }
    return try entry.make(request, surroundings)
  }

  func searcher(
    of plugin: PluginCommand, for request: SearcherRequest
  ) throws -> any Searcher {
    try commands.check([plugin])
    try checkFiles(of: plugin)
    return try PluginSearcher(
      plugin, arguments: project.resolving(filesIn: plugin.arguments), run: request.run,
      space: request.space, objective: request.objective, budget: request.budget, key: request.key)
  }

  func checksums(ofFilesIn arguments: [String]) -> [String: String] {
    var found: [String: String] = [:]
    for word in arguments {
      guard let file = project.file(named: word) else { continue }
      found[word] = RecordFile.checksum(ofFile: file)
    }
    return found
  }

  /// Refuses a suite that names programs which may not be started, before anything else is done.
  func checkCommands(of suite: Suite) throws {
    let plugins = suite.studies.flatMap(\.programs)
    try commands.check(plugins)
    for plugin in plugins { try checkFiles(of: plugin) }
  }

  /// Refuses a command whose files are not those that the suite was locked with.
  private func checkFiles(of plugin: PluginCommand) throws {
    let found = checksums(ofFilesIn: plugin.arguments)
    let changed = plugin.checksums.keys.sorted().first { found[$0] != plugin.checksums[$0] }
    guard let changed else { return }
    throw CommandFailure(
      "the file '\(changed)' of a command is not the one that the suite was locked with; "
        + "put that one back, or run the suite that the lock came from")
  }

  /// A line for each study whose data are absent: which, and how they come.
  func absentData(of suite: Suite) throws -> [String] {
    try suite.studies.compactMap { study in
      try project.library.absence(of: reference(study.dataset))
        .map { "study '\(study.name)' was priced by its dataset's manifest: \($0)" }
    }
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
  /// The regular file that a word of a command names, from the project's root; `nil` for none.
  func file(named word: String) -> URL? {
    let file = URL(
      filePath: word, relativeTo: URL(filePath: root.path, directoryHint: .isDirectory))
    return SuiteSession.isFile(file.absoluteURL) ? file.absoluteURL : nil
  }

  /// A command's words, those that name files as full paths: it is not started in this folder.
  func resolving(filesIn arguments: [String]) -> [String] {
    arguments.map { file(named: $0)?.path ?? $0 }
  }

  /// Device profiles.
  var devices: URL { root.appending(path: "Benchmarks/devices") }
  /// Suites.
  var suites: URL { root.appending(path: "Benchmarks/suites") }
  /// Results.
  var reports: URL { root.appending(path: "reports") }
}
