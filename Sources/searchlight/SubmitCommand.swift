import ArgumentParser
import Experiments
import Foundation
import SearchCore
import Slurm
import TensorCore

/// `searchlight submit`: gives a suite's runs to a Slurm cluster.
struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Submits a suite's runs to Slurm, as an array of jobs.",
    discussion: """
      Examples:
        searchlight submit cifar10-methods --partition gpu --time 240
        searchlight submit cifar10-methods --dry-run

      Needs a file system that all nodes share, with this program, the checkout and the data on it. Type
      the command again at any time: it submits what is neither done nor in the queue. 'searchlight
      status SUITE' shows where runs are, 'searchlight collect SUITE' makes the report of those that
      are done.
      """)

  @OptionGroup var arguments: SuiteArguments

  @Option(
    help: "Minutes until a job is stopped and queued again; by default twice a run's estimate.")
  var time: Int?

  @Option(help: "Memory of a job, in MiB; by default what 'plan' foresees and half as much again.")
  var memory: Int?

  @Option(help: "Most jobs at once.")
  var atOnce: Int?

  @Option(help: "Partition of the cluster.")
  var partition: String?

  @Option(help: "Account that is charged.")
  var account: String?

  @Option(help: "Features that a node must have.")
  var constraint: String?

  @Option(help: "A further option of sbatch, as --sbatch=--exclude=n3; may be repeated.")
  var sbatch: [String] = []

  @Option(help: "Threads of each run; never changes a result.")
  var threads = 1

  @Option(
    help: "Code that multiplies matrices: native, openblas or openblas-all; decides the last bits.")
  var blas: BLASBackend = .standard

  @Flag(help: "Start the programs that the suite names as methods.")
  var allowCommands = false

  @Flag(help: "Print the scripts, and submit and write nothing.")
  var dryRun = false

  func validate() throws {
    let ranges: [(String, Int?, ClosedRange<Int>)] = [
      ("--time", time, 1...525_600), ("--memory", memory, 64...100_000_000),
      ("--at-once", atOnce, 1...1_000_000), ("--threads", threads, 1...256),
    ]
    for (name, value, range) in ranges {
      guard let value, !range.contains(value) else { continue }
      throw ValidationError(
        "\(name) is \(value); expected \(range.lowerBound) to \(range.upperBound)")
    }
    for text in sbatch + [partition, account, constraint].compactMap({ $0 })
    where text.contains(where: \.isNewline) || text.isEmpty {
      throw ValidationError("found '\(text.onOneLine)'; expected one option on one line")
    }
    for option in sbatch where !option.hasPrefix("-") {
      throw ValidationError("--sbatch '\(option)': expected an option, as --sbatch=--exclude=n3")
    }
  }

  func run() async throws {
    try await CommandFailure.reporting {
      let session = try SuiteSession(
        arguments.suite, blas: blas, commands: CommandPermission(all: allowCommands))
      try session.workbench.checkCommands(of: session.suite)
      let evaluators = try session.evaluators()
      let plan = try SuitePlan(
        suite: session.suite, workbench: session.workbench, evaluators: evaluators, jobs: 1,
        measuresMachine: time == nil)
      if let refusal = plan.refusals.first { throw CommandFailure(refusal) }
      let client = SlurmClient()
      let submissions = try ClusterRuns(in: session.folder)
      let queue = dryRun ? [:] : try client.queue()
      let open = submissions.open(session.suite.runs, in: session.folder, queue: queue)
      guard !open.isEmpty else {
        return Output.line(
          "\(session.suite.name): every run is done or in the queue; type 'searchlight collect "
            + "\(arguments.suite)' for the report")
      }
      let most = dryRun ? 1_000 : try client.mostElements()
      let elements = try elements(of: open, session)
      if !dryRun {
        let lock = try session.lock(evaluators)
        let taken = try session.folder.lockForRunning()
        defer { withExtendedLifetime(taken) {} }
        session.say(try session.folder.prepare(for: lock, fresh: false))
      }
      for start in stride(from: 0, to: elements.count, by: most) {
        let part = Array(elements[start..<min(start + most, elements.count)])
        let number = submissions.count + 1 + start / most
        let array = try array(of: part, number: number, session, plan)
        if dryRun {
          Output.write(array.script)
        } else {
          try submissions.prepare(number, elements: part)
          let job = try client.submit(array)
          try submissions.record(number, job: job)
          Output.line("job \(job): \(part.count) jobs for \(part.joined().count) runs")
        }
      }
      if !dryRun {
        Output.line(
          "type 'searchlight status \(arguments.suite)' to see where they are, and 'searchlight "
            + "collect \(arguments.suite)' for the report of those that are done")
      }
    }
  }

  /// Runs on a recorded table take milliseconds: many go into a job. A run that trains has its own.
  private static let mostTableRuns = 250

  private func elements(
    of runs: [RunSpecification], _ session: SuiteSession
  ) throws -> [[String]] {
    var elements: [[String]] = []
    var lastTable: String?
    for run in runs {
      let table = run.study.trains ? nil : run.study.name
      if let table, table == lastTable, elements[elements.count - 1].count < Self.mostTableRuns {
        elements[elements.count - 1].append(run.id)
      } else {
        elements.append([run.id])
      }
      lastTable = table
    }
    return elements
  }

  private func array(
    of elements: [[String]], number: Int, _ session: SuiteSession, _ plan: SuitePlan
  ) throws -> SlurmArray {
    var resources = SlurmArray.Resources()
    resources.minutes = time ?? Self.minutes(of: plan)
    resources.mebibytes = memory ?? Self.mebibytes(of: plan)
    resources.processors = threads
    (resources.atOnce, resources.partition) = (atOnce, partition)
    (resources.account, resources.constraint, resources.options) = (account, constraint, sbatch)
    let root = session.folder.root
    let files = ClusterRuns.Files(root, number: number)
    var command = [
      try ProgramFile.url().path, "worker", "--suite", session.folder.lock.path, "--threads",
      "\(threads)", "--blas", blas.rawValue, "--memory", "\(resources.mebibytes << 20)",
    ]
    if allowCommands { command.append("--allow-commands") }
    command += ["--elements", files.elements.path, "--element"]
    var variables = [
      "SEARCHLIGHT_HOME": root.deletingLastPathComponent().deletingLastPathComponent().path
    ]
    for name in ["SEARCHLIGHT_DATA", OpenBLASKernel.variable] {
      variables[name] = ProcessInfo.processInfo.environment[name]
    }
    if let kernel = session.suite.openBLASKernel { variables[OpenBLASKernel.variable] = kernel }
    return SlurmArray(
      name: "searchlight-\(session.suite.name)", count: elements.count, resources: resources,
      command: command, variables: variables, logs: files.logs.path)
  }

  /// Twice the mean time of a run as measured here, for other nodes may be slower: from ten minutes to
  /// a day. A run that needs longer goes on in the next turn.
  private static func minutes(of plan: SuitePlan) -> Int {
    let seconds = plan.studies.compactMap { study in
      study.machineSeconds.map { $0 / Double(max(1, study.seeds * study.methods.count)) }
    }.max()
    return min(1_440, max(10, Int((2 * (seconds ?? 1_800) / 60).rounded(.up))))
  }

  private static func mebibytes(of plan: SuitePlan) -> Int {
    let bytes = plan.studies.compactMap(\.peakMemoryBytes).max() ?? 1 << 30
    return 512 + Int(1.5 * Double(bytes)) >> 20
  }
}
