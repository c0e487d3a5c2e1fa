import ArgumentParser
import Experiments
import Foundation
import ResultsStore
import SearchCore
import TensorCore

/// What the commands about suites share: which suite, and where.
struct SuiteArguments: ParsableArguments {
  @Argument(help: "A suite of Benchmarks/suites by name, or the path of a suite or lock file.")
  var suite: String
}

/// A suite that was read, with everything it names.
struct SuiteSession {
  private(set) var suite: Suite
  let workbench: SuiteWorkbench
  let folder: ResultsFolder
  /// The suite's file as the user may type it.
  let file: URL

  /// Reads a suite by name or path.
  init(
    _ name: String, blas: BLASBackend = .standard,
    commands: CommandPermission = CommandPermission(), standsIn: Bool = false
  ) throws {
    let project = try ProjectFolder.find()
    workbench = try SuiteWorkbench(
      project: project, blas: blas, commands: commands, standsIn: standsIn)
    file = try Self.find(name, in: project)
    suite = try SuiteReader(workbench: workbench).read(file, shownAs: file.relativePath)
    folder = ResultsFolder(root: project.reports.appending(path: suite.name))
  }

  /// Reads the suite that records were made with from the lock beside them, since its file may have
  /// been edited or removed since; where there are no records yet, the suite's file.
  init(recordsOf name: String) throws {
    let project = try ProjectFolder.find()
    let workbench = try SuiteWorkbench(project: project)
    func read(_ file: URL) throws -> Suite {
      try SuiteReader(workbench: workbench).read(file, shownAs: file.relativePath)
    }
    func records(of suite: String) -> ResultsFolder {
      ResultsFolder(root: project.reports.appending(path: suite))
    }
    var file = records(of: name).lock
    if !Self.isFile(file) {
      file = try Self.find(name, in: project)
      let lock = records(of: try read(file).name).lock
      if Self.isFile(lock) { file = lock }
    }
    self.file = file
    self.workbench = workbench
    suite = try read(file)
    folder = records(of: suite.name)
  }

  /// Charges another device's hours.
  mutating func use(device name: String) throws {
    guard workbench.deviceNames.contains(name) else {
      let nearest = NearestName.of(name, among: workbench.deviceNames)
      throw CommandFailure(
        "there is no device profile '\(name)'; "
          + (nearest.map { "did you mean '\($0)'?" }
            ?? "expected one of \(workbench.deviceNames.joined(separator: ", "))"))
    }
    suite.device = name
  }

  /// Prepares the evaluators of all studies.
  func evaluators() throws -> SuiteEvaluators {
    try SuiteEvaluators(of: suite, workbench: workbench)
  }

  /// Locks the suite to its data; a lock that was given must still be what results.
  func lock(_ evaluators: SuiteEvaluators) throws -> SuiteLock {
    var checksums: [String: [String: String]] = [:]
    for study in suite.studies { checksums[study.name] = try evaluators[study].dataChecksums }
    let lock = SuiteLock(
      suite: suite, dataChecksums: checksums, code: try workbench.codeFacts(of: suite))
    try lock.check(against: file)
    return lock
  }

  /// Says on standard error what computes now and did not then.
  func say(_ differences: [String]) {
    for line in Set(differences).sorted() {
      Output.say("note: \(line)")
    }
  }

  /// The records of a suite that was run, folded.
  ///
  /// - Parameter name: The suite as the user typed it.
  func results(typed name: String) throws -> SuiteResults {
    let records = SuiteRecords(in: folder)
    guard records.exist else {
      throw CommandFailure(
        "suite '\(suite.name)' has no results yet; type 'searchlight run \(name)'")
    }
    return try records.results(spaces: workbench.spaces)
  }

  /// Folds the journals and writes the canonical results.
  func collect(_ lock: SuiteLock, _ evaluators: SuiteEvaluators) throws -> SuiteResults {
    let device = try workbench.device(named: suite.device)
    let header = SuiteResults(
      suite: suite, deviceTitle: device.title, deviceError: device.heldOutError, lock: lock.yaml,
      tasks: try suite.studies.map { study in
        let evaluator = try evaluators[study]
        return (evaluator.objective, evaluator.costLabel)
      })
    return try SuiteRecords(in: folder).collect(header, spaces: workbench.spaces)
  }

  /// The file of a suite: a path, else one of the project's by name. A folder is neither, so one in
  /// the working folder that is called like a suite does not hide it.
  static func find(_ name: String, in project: ProjectFolder) throws -> URL {
    let named = project.suites.appending(path: "\(name).yaml")
    if let file = [URL(filePath: name), named].first(where: isFile) { return file }
    let known = (try? FileManager.default.contentsOfDirectory(atPath: project.suites.path)) ?? []
    let names = known.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    throw CommandFailure(
      "there is no suite '\(name)'; expected the path of a YAML file or one of "
        + names.joined(separator: ", "))
  }

  /// Whether a regular file lies there, or behind a link there.
  static func isFile(_ place: URL) -> Bool {
    let values = try? place.resolvingSymlinksInPath().resourceValues(forKeys: [.isRegularFileKey])
    return values?.isRegularFile == true
  }
}
