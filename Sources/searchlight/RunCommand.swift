import ArgumentParser
import Experiments
import Foundation
import ResultsStore
import SearchCore
import TensorCore

/// `searchlight run`: executes a suite, or continues it.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a suite, or continues it where it stopped.",
    discussion: """
      Examples:
        searchlight run quick
        searchlight run Benchmarks/suites/nasbench201.yaml --jobs 2

      Ctrl-C stops at the next step; the same command continues. Results go to reports/<suite>/.
      """)

  @OptionGroup var arguments: SuiteArguments

  @Option(help: "Runs at once; by default one a processor that this job may use.")
  var jobs: Int?

  @Option(help: "Threads of each run; never changes a result.")
  var threads = 1

  @Option(
    help: "Code that multiplies matrices: native, openblas or openblas-all; decides the last bits.")
  var blas: BLASBackend = .standard

  @Option(help: .hidden)
  var checkpointSteps: Int?

  @Option(help: .hidden)
  var orderSeed: UInt64?

  @Flag(help: "Move earlier results of this suite aside, to reports/<suite>.<n>, and start anew.")
  var fresh = false

  @Flag(help: "Start the programs that the suite names as methods.")
  var allowCommands = false

  @Flag(help: "Print one JSON event a line.")
  var json = false

  func validate() throws {
    if let jobs, !(1...1_024).contains(jobs) {
      throw ValidationError("--jobs is \(jobs); expected 1 to 1024")
    }
    if !(1...256).contains(threads) {
      throw ValidationError("--threads is \(threads); expected 1 to 256")
    }
  }

  func run() async throws {
    // A run that took hours is not lost to a pager that was closed.
    Output.outliveReaders()
    try await CommandFailure.reporting {
      let session = try SuiteSession(
        arguments.suite, blas: blas, commands: CommandPermission(all: allowCommands))
      try session.workbench.checkCommands(of: session.suite)
      try Relaunch.withOpenBLASKernel(named: session.suite.openBLASKernel)
      let signals = StopSignals()
      let evaluators = try session.evaluators()
      let jobs = jobs ?? max(1, JobLimits.current.processors / threads)
      let plan = try SuitePlan(
        suite: session.suite, workbench: session.workbench, evaluators: evaluators, jobs: jobs)
      if let refusal = plan.refusals.first { throw CommandFailure(refusal) }
      let lock = try session.lock(evaluators)
      let taken = try session.folder.lockForRunning()
      defer { withExtendedLifetime(taken) {} }
      session.say(
        try session.folder.prepare(for: lock, fresh: fresh)
          + lock.codeDifferences(from: session.file))
      let outcome = try execute(session, jobs: jobs, stop: signals.flag)
      let results = try session.collect(lock, evaluators)
      try session.report(results)
      try finish(outcome, results, session)
    }
  }

  private func execute(
    _ session: SuiteSession, jobs: Int, stop: StopFlag
  ) throws -> SuiteOutcome {
    let display = RunDisplay(suite: session.suite.name, json: json)
    let launcher = ProcessLauncher(
      executable: try ProgramFile.url(),
      arguments: workerArguments(jobs: jobs),
      environment: try workerEnvironment(session.suite))
    var options = SuiteRunner.Options(
      jobs: jobs, environment: session.workbench.environmentFacts())
    options.orderSeed = orderSeed
    return try SuiteRunner(
      suite: session.suite, workbench: session.workbench, folder: session.folder,
      launcher: launcher,
      options: options, stop: stop
    ) { display.show($0) }.run()
  }

  private func workerArguments(jobs: Int) -> [String] {
    var arguments = ["--threads", "\(threads)", "--blas", blas.rawValue, "--attached"]
    if allowCommands { arguments.append("--allow-commands") }
    if let bytes = JobLimits.current.memoryBytes { arguments += ["--memory", "\(bytes / jobs)"] }
    if let steps = checkpointSteps { arguments += ["--checkpoint-steps", "\(steps)"] }
    return arguments
  }

  /// Variables of the processes that train: OpenBLAS chooses its kernel as it is loaded.
  private func workerEnvironment(_ suite: Suite) throws -> [String: String] {
    let kernel = try OpenBLASKernel.choose(
      named: suite.openBLASKernel, on: MachineEnvironment.instructionSet)
    return kernel.map { [OpenBLASKernel.variable: $0] } ?? [:]
  }

  private func finish(
    _ outcome: SuiteOutcome, _ results: SuiteResults, _ session: SuiteSession
  ) throws {
    let failed = outcome.count(.failed)
    if !json {
      Output.line(
        "\(session.suite.name): \(outcome.count(.finished)) of \(outcome.states.count) runs done, "
          + "\(failed) failed; report: "
          + session.folder.root.appending(path: "report.pdf").relativePath)
      results.answers.forEach { Output.line($0) }
    }
    if failed > 0 {
      throw CommandFailure(
        "\(failed) run(s) failed; type 'searchlight status \(arguments.suite)' for the reasons and "
          + "'searchlight run \(arguments.suite)' to try them again")
    }
    if !outcome.isComplete {
      if !json { Output.line("stopped; type 'searchlight run \(arguments.suite)' to continue") }
      throw ExitCode(WorkerExit.interruptedCode)
    }
  }
}

/// This program's own file.
enum ProgramFile {
  /// Where the program lies, to start runs from it.
  static func url() throws -> URL {
    guard let url = Bundle.main.executableURL?.resolvingSymlinksInPath() else {
      throw CommandFailure("cannot find this program's own file; start it by its full path")
    }
    return url
  }

  /// SHA-256 of the program, in hexadecimal; computed once.
  static func checksum() throws -> String { try computed.get() }

  private static let computed = Result {
    let data = try Data(contentsOf: try url(), options: .mappedIfSafe)
    return RecordFile.checksum(of: data)
  }
}
