import Experiments
import Foundation
import Randomness
import SearchCore
import TestSupport
import Testing

/// Kills the runs of a suite over and over, and compares what they end with.
///
/// Half of the kills hit a call that writes (before it, in its middle, after it), at a number drawn
/// from a key; the others come after a time drawn from a key, wherever the program is then.
struct CrashHarness {
  /// What happened to one method's run.
  struct Row {
    var method: String
    var kills = 0
    /// By the phase that the run was in, and how many hit a write in the middle.
    var search = 0
    var finalTraining = 0
    var writing = 0
    var wastedShare = 0.0
  }

  let suite: SmallSuite
  let key: RandomKey
  /// Where unpacked datasets are; `nil` for the checkout's own place.
  var data: URL?

  /// The same bits whatever OpenBLAS makes of this processor: `run` and a worker that is started
  /// by hand may give it different kernels.
  private static let arithmetic = ["--blas", "native"]
  /// Steps between checkpoints: trials of the small suite have 6.
  private static let checkpointSteps = "3"

  /// Kills every run of the suite a number of times, then lets it finish.
  ///
  /// - Returns: A row for each method, and the canonical results.
  func kill(times: Int, _ reference: Reference) throws -> (rows: [Row], canonical: Data) {
    let project = try ProgramRun(suite: suite, data: data)
    let folder = ResultsFolder(root: project.home.appending(path: "reports/\(suite.name)"))
    try RecordFile.write(reference.lock, to: folder.lock)
    var rows: [Row] = []
    for (index, run) in reference.runs.enumerated() {
      var row = Row(method: run.method.name)
      let key = key.child(run.method.name, index)
      var attempt = 0
      while row.kills < times, attempt < 4 * times {
        // A run that is done has nothing left to kill: it begins anew.
        if RunState.read(run, in: folder).stage == .finished {
          try FileManager.default.removeItem(at: folder.folder(of: run))
        }
        try attack(project, run, in: folder, key: key.child("kill", attempt), reference, &row)
        attempt += 1
      }
      row.wastedShare = try wastedShare(run, in: folder)
      rows.append(row)
    }
    let end = try project(["run", suite.name] + Self.arithmetic)
    #expect(end.code == 0, "\(end.errors)")
    return (rows, try Data(contentsOf: folder.canonicalResults))
  }

  /// The suite in one piece.
  struct Reference {
    var lock: Data
    var runs: [RunSpecification]
    var canonical: Data
    /// Calls that write, and seconds, of one run.
    var calls: Int
    var seconds: Double
  }

  /// Runs the suite in one piece, counting what can be hit.
  func uninterrupted() throws -> Reference {
    let project = try ProgramRun(suite: suite, data: data)
    let end = try project(["run", suite.name] + Self.arithmetic)
    #expect(end.code == 0, "\(end.errors)")
    let folder = ResultsFolder(root: project.home.appending(path: "reports/\(suite.name)"))
    let runs = SmallSuite.methodNames.map { method in
      RunSpecification(
        study: Study(
          name: suite.study, kind: .commonSpace, dataset: "", space: "", evaluator: "",
          training: nil, methods: [], searchBudget: Budget(1, .trials), finalBudget: nil),
        method: MethodChoice(name: method, settings: MethodSettings(of: [])), seedIndex: 0)
    }
    // One run again, alone, to count its calls and to time it.
    try FileManager.default.removeItem(at: folder.folder(of: runs[1]))
    let log = project.home.appending(path: "calls.log")
    let start = ContinuousClock.now
    let alone = try project(
      worker(runs[1], folder),
      environment: [
        "LD_PRELOAD": ProgramRun.faults?.path ?? "", "FAULT_PATH": "/runs/", "FAULT_LOG": log.path,
      ])
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    #expect(alone.code == 0, "\(alone.errors)")
    let count = try String(contentsOf: log, encoding: .utf8).split(separator: " ").first
    return Reference(
      lock: try Data(contentsOf: folder.lock), runs: runs,
      canonical: try Data(contentsOf: folder.canonicalResults),
      calls: count.flatMap { Int($0) } ?? 1, seconds: seconds)
  }

  private func worker(_ run: RunSpecification, _ folder: ResultsFolder) -> [String] {
    [
      "worker", "--suite", folder.lock.path, "--run", run.id, "--checkpoint-steps",
      Self.checkpointSteps,
    ] + Self.arithmetic
  }

  private func attack(
    _ project: ProgramRun, _ run: RunSpecification, in folder: ResultsFolder, key: RandomKey,
    _ reference: Reference, _ row: inout Row
  ) throws {
    var generator = key.generator()
    let killed: Bool
    if generator.bernoulli(0.5) {
      let mode = ["before", "half", "after"][generator.integer(below: 3)]
      let end = try project(
        worker(run, folder),
        environment: [
          "LD_PRELOAD": ProgramRun.faults?.path ?? "", "FAULT_PATH": "/runs/",
          "FAULT_AT": "\(1 + generator.integer(below: reference.calls))", "FAULT_MODE": mode,
        ])
      killed = end.wasKilled && end.code == SIGKILL
      #expect(killed || end.code == 0, "\(end.errors)")
      if killed, mode == "half" { row.writing += 1 }
    } else {
      let process = try project.start(worker(run, folder))
      Thread.sleep(forTimeInterval: generator.uniform() * reference.seconds)
      Foundation.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      killed = process.terminationReason == .uncaughtSignal
    }
    guard killed else { return }
    row.kills += 1
    let journal = folder.journal(of: run)
    let lines = (try? Journal.read(journal).lines) ?? []
    let hasSelected = lines.contains { if case .selected = $0.event { true } else { false } }
    if hasSelected { row.finalTraining += 1 } else { row.search += 1 }
  }

  private func wastedShare(_ run: RunSpecification, in folder: ResultsFolder) throws -> Double {
    var (lost, all) = (0.0, 0.0)
    let journal = folder.journal(of: run)
    // The last kill may have come before the first line.
    guard FileManager.default.fileExists(atPath: journal.path) else { return 0 }
    for line in try Journal.read(journal).lines {
      switch line.event {
      case .trialFinished(let record): all += Double(record.charges.total.referenceNanoseconds)
      case .finalFinished(let record): all += Double(record.charges.total.referenceNanoseconds)
      case .interrupted(let record): lost += Double(record.lost.total.referenceNanoseconds)
      default: break
      }
    }
    return lost + all > 0 ? lost / (lost + all) : 0
  }
}
