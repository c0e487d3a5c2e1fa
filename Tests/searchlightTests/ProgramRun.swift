import Foundation
import TestSupport

/// The program as users start it, in a project of its own: the checkout's datasets, profiles and
/// suites, and results that are thrown away with it.
final class ProgramRun: Sendable {
  /// How the program ended.
  struct End {
    var code: Int32
    /// Whether `code` is a signal.
    var wasKilled: Bool
    var output: String
    var errors: String
  }

  let home: URL
  /// Where unpacked datasets are; `nil` for the checkout's own place.
  private let data: URL?

  /// The program beside the tests' own binary.
  static let program: URL = {
    let tests = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appending(path: "searchlight")
  }()

  static var isThere: Bool { FileManager.default.isExecutableFile(atPath: program.path) }

  /// The library that makes calls fail, compiled once; `nil` without a C compiler.
  static let faults: URL? = {
    let source = SharedFolder.repository.appending(path: "Tests/Faults/faults.c")
    let library = FileManager.default.temporaryDirectory
      .appending(path: "searchlight-faults-\(ProcessInfo.processInfo.processIdentifier).so")
    let end = try? launch(
      URL(filePath: "/usr/bin/env"),
      ["clang", "-O1", "-shared", "-fPIC", "-o", library.path, source.path], [:])
    return end?.code == 0 ? library : nil
  }()

  /// Where projects are made: in memory where that is possible, for a kill of the process loses
  /// nothing that was written, and waiting for a disk shows nothing more. It goes with the tests.
  static let scratch: URL = {
    let memory = URL(filePath: "/dev/shm")
    let canUse = FileManager.default.isWritableFile(atPath: memory.path)
    let folder = (canUse ? memory : FileManager.default.temporaryDirectory)
      .appending(path: "searchlight-tests-\(ProcessInfo.processInfo.processIdentifier)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(at: ProgramRun.scratch) }
    return folder
  }()

  /// Whether methods in Python can be started.
  static let hasPython = canImport("json")
  /// Whether evaluators in PyTorch can.
  static let hasPyTorch = canImport("numpy, torch")

  private static func canImport(_ modules: String) -> Bool {
    let python = ["python3", "-c", "import \(modules)"]
    return (try? launch(URL(filePath: "/usr/bin/env"), python, [:]))?.code == 0
  }

  static var canFault: Bool { isThere && faults != nil }

  /// Makes a project.
  ///
  /// - Parameters:
  ///   - suite: A suite to write into it, by name.
  ///   - data: Where unpacked datasets are; `nil` for the checkout's own place.
  ///   - ownFiles: Whether the project gets copies of the checkout's small files, for spoiling
  ///     them, and a place of its own for unpacked datasets.
  init(suite: SmallSuite, data: URL? = nil, ownFiles: Bool = false) throws {
    home = Self.scratch.appending(path: "searchlight-\(UUID())")
    self.data = ownFiles ? home.appending(path: "data") : data
    let files = FileManager.default
    let suites = home.appending(path: "Benchmarks/suites")
    try files.createDirectory(at: suites, withIntermediateDirectories: true)
    let root = SharedFolder.repository
    try files.createSymbolicLink(
      at: home.appending(path: "datasets"), withDestinationURL: root.appending(path: "datasets"))
    for name in ["devices", "manifests", "claims", "plugins"] {
      let place = home.appending(path: "Benchmarks/\(name)")
      let source = root.appending(path: "Benchmarks/\(name)")
      if ownFiles {
        try files.copyItem(at: source, to: place)
      } else {
        try files.createSymbolicLink(at: place, withDestinationURL: source)
      }
    }
    try Data(suite.text.utf8).write(to: suites.appending(path: "\(suite.name).yaml"))
  }

  deinit { try? FileManager.default.removeItem(at: home) }

  /// Runs the program to its end.
  ///
  /// - Parameter folder: The working folder; `nil` for the tests' own.
  @discardableResult
  func callAsFunction(
    _ arguments: [String], environment: [String: String] = [:], in folder: URL? = nil
  ) throws -> End {
    try Self.launch(Self.program, arguments, variables(environment), in: folder)
  }

  /// Runs a script of the shell, in which `$SEARCHLIGHT` is the program.
  @discardableResult
  func shell(_ script: String, environment: [String: String] = [:]) throws -> End {
    let program = ["SEARCHLIGHT": Self.program.path]
    return try Self.launch(
      URL(filePath: "/bin/sh"), ["-c", script],
      variables(environment.merging(program) { $1 }))
  }

  /// Starts the program and returns at once.
  func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.environment = variables([:])
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  private func variables(_ more: [String: String]) -> [String: String] {
    var variables = ProcessInfo.processInfo.environment.merging(more) { $1 }
    variables["SEARCHLIGHT_HOME"] = home.path
    if let data { variables["SEARCHLIGHT_DATA"] = data.path }
    // One that was exported for another processor would change the bits.
    variables["OPENBLAS_CORETYPE"] = nil
    return variables
  }

  private static func launch(
    _ executable: URL, _ arguments: [String], _ environment: [String: String],
    in folder: URL? = nil
  ) throws -> End {
    let output = FileManager.default.temporaryDirectory.appending(path: "searchlight-\(UUID())")
    let errors = output.appendingPathExtension("errors")
    defer {
      try? FileManager.default.removeItem(at: output)
      try? FileManager.default.removeItem(at: errors)
    }
    try Data().write(to: output)
    try Data().write(to: errors)
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    if !environment.isEmpty { process.environment = environment }
    if let folder { process.currentDirectoryURL = folder }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    return End(
      code: process.terminationStatus,
      wasKilled: process.terminationReason == .uncaughtSignal,
      output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }
}
