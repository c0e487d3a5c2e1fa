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

  static var canFault: Bool { isThere && faults != nil }

  /// Makes a project.
  ///
  /// - Parameters:
  ///   - suite: A suite to write into it, by name.
  ///   - data: Where unpacked datasets are; `nil` for the checkout's own place.
  init(suite: SmallSuite, data: URL? = nil) throws {
    self.data = data
    home = FileManager.default.temporaryDirectory.appending(path: "searchlight-\(UUID())")
    let files = FileManager.default
    let suites = home.appending(path: "Benchmarks/suites")
    try files.createDirectory(at: suites, withIntermediateDirectories: true)
    let root = SharedFolder.repository
    try files.createSymbolicLink(
      at: home.appending(path: "datasets"), withDestinationURL: root.appending(path: "datasets"))
    for name in ["devices", "manifests", "claims"] {
      try files.createSymbolicLink(
        at: home.appending(path: "Benchmarks/\(name)"),
        withDestinationURL: root.appending(path: "Benchmarks/\(name)"))
    }
    try Data(suite.text.utf8).write(to: suites.appending(path: "\(suite.name).yaml"))
  }

  deinit { try? FileManager.default.removeItem(at: home) }

  /// Runs the program to its end.
  @discardableResult
  func callAsFunction(_ arguments: [String], environment: [String: String] = [:]) throws -> End {
    try Self.launch(Self.program, arguments, variables(environment))
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
    _ executable: URL, _ arguments: [String], _ environment: [String: String]
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

/// The small suites of the end-to-end tests.
struct SmallSuite {
  let name: String
  /// Name of its only study.
  let study: String
  let text: String

  /// The methods of both suites, in their order.
  static let methodNames = [
    "asha", "nas", "ppo", "random-search", "regularized-evolution", "reinforce",
  ]

  /// All methods; those that can have two workers have two, but for `nas`, which then needs more
  /// trials than a small suite makes.
  ///
  /// - Parameter epochs: Of the rungs of successive halving.
  private static func methods(epochs: ClosedRange<Int>) -> String {
    """
        methods:
          - name: asha
            reduction-factor: 2
            minimum-epochs: \(epochs.lowerBound)
            maximum-epochs: \(epochs.upperBound)
            workers: 2
          - name: nas
            batch-size: 2
          - name: ppo
            batch-size: 2
          - random-search
          - name: regularized-evolution
            population-size: 2
            sample-size: 2
            workers: 2
          - name: reinforce
            learning-rate: 0.5
    """
  }

  /// Every method, with tiny networks on the embedded images.
  static let training = SmallSuite(
    name: "small", study: "shapes10",
    text: """
      suite: small
      summary: Every method trains tiny networks.
      seed: 5
      seeds: 1
      studies:
        - name: shapes10
          dataset: shapes10
          space: nas-bench-201
          evaluator: training
          recipe: {name: nasbench201-12, batch-size: 40, learning-rate: 0.05}
          scale: {channels: 2, cells: 1, training-images: 160, validation-images: 80, epochs: 1}
      \(methods(epochs: 1...2))
          budget: {search: {trials: 5}, final: {epochs: 3}}
      """
  )

  /// Every method on the recorded table.
  static let table = SmallSuite(
    name: "small-table", study: "cifar10",
    text: """
      suite: small-table
      summary: Every method on a recorded table.
      seed: 5
      seeds: 1
      studies:
        - name: cifar10
          dataset: nasbench201
          space: nas-bench-201
          evaluator: table
      \(methods(epochs: 12...12))
          budget: {search: {reference-gpu-seconds: 3000}}
      """
  )
}
