import Experiments
import Foundation
import Randomness
import SearchCore
import TestSupport
import Testing

/// Kills a run over and over, and compares what it ends with.
///
/// Every other kill hits a call that writes (before it, in its middle and after it, in turn): the
/// one that records the selected architecture, or one at a number drawn from a key. The others come
/// after a time drawn from a key, wherever the program is then.
struct CrashHarness {
  /// What happened to the run.
  struct Row {
    var kills = 0
    /// By the phase that the run was in, and how many hit a write in the middle.
    var search = 0
    var selection = 0
    var finalTraining = 0
    var writing = 0
    var wastedShare = 0.0
  }

  /// A suite with one run.
  let suite: SmallSuite
  let key: RandomKey
  /// Where unpacked datasets are; `nil` for the checkout's own place.
  var data: URL?

  /// The same bits whatever OpenBLAS makes of this processor: `run` and a worker that is started
  /// by hand may give it different kernels.
  private static let arithmetic = ["--blas", "native", "--allow-commands"]
  /// Steps between checkpoints: trials of the small suite have 6.
  private static let checkpointSteps = "3"

  /// Kills the run a number of times, then lets it finish.
  ///
  /// - Returns: What happened, and the canonical results.
  func kill(times: Int, _ reference: Reference) throws -> (row: Row, canonical: Data) {
    let project = try ProgramRun(suite: suite, data: data)
    let folder = ResultsFolder(root: project.home.appending(path: "reports/\(suite.name)"))
    try RecordFile.write(reference.lock, to: folder.lock)
    let run = reference.run
    var row = Row()
    var attempt = 0
    while row.kills < times, attempt < 4 * times {
      // A run that is done has nothing left to kill: it begins anew. So does every fourth, for one
      // that is past its search never comes back there.
      let place = folder.folder(of: run)
      let isPresent = FileManager.default.fileExists(atPath: place.path)
      if Self.beginsAnew(attempt) || RunState.read(run, in: folder).stage == .finished, isPresent {
        try FileManager.default.removeItem(at: place)
      }
      try attack(project, folder, attempt, reference, &row)
      attempt += 1
    }
    row.wastedShare = try wastedShare(run, in: folder)
    let end = try project(["run", suite.name] + Self.arithmetic)
    #expect(end.code == 0, "\(end.errors)")
    return (row, try Data(contentsOf: folder.canonicalResults))
  }

  /// The run in one piece.
  struct Reference {
    var lock: Data
    var run: RunSpecification
    var canonical: Data
    /// Calls that write, and seconds.
    var calls: Int
    var seconds: Double
  }

  /// Does the run in one piece, counting what can be hit.
  func uninterrupted() throws -> Reference {
    let project = try ProgramRun(suite: suite, data: data)
    let end = try project(["run", suite.name] + Self.arithmetic)
    #expect(end.code == 0, "\(end.errors)")
    let folder = ResultsFolder(root: project.home.appending(path: "reports/\(suite.name)"))
    let run = RunSpecification(
      study: Study(
        name: suite.study, kind: .commonSpace, dataset: "", space: "", evaluator: "",
        training: nil, methods: [], searchBudget: Budget(1, .trials), finalBudget: nil),
      method: MethodChoice(name: suite.methods[0], settings: MethodSettings(of: [])), seedIndex: 0)
    // Again, alone, to count its calls and to time it.
    try FileManager.default.removeItem(at: folder.folder(of: run))
    let log = project.home.appending(path: "calls.log")
    let start = ContinuousClock.now
    let alone = try project(
      worker(run, folder), environment: Self.faults(["FAULT_LOG": log.path]))
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    #expect(alone.code == 0, "\(alone.errors)")
    let count = try String(contentsOf: log, encoding: .utf8).split(separator: " ").first
    return Reference(
      lock: try Data(contentsOf: folder.lock), run: run,
      canonical: try Data(contentsOf: folder.canonicalResults),
      calls: count.flatMap { Int($0) } ?? 1, seconds: seconds)
  }

  private static func beginsAnew(_ attempt: Int) -> Bool { attempt % 4 == 1 }

  private static func faults(_ more: [String: String]) -> [String: String] {
    more.merging(["LD_PRELOAD": ProgramRun.faults?.path ?? "", "FAULT_PATH": "/runs/"]) { $1 }
  }

  private func worker(_ run: RunSpecification, _ folder: ResultsFolder) -> [String] {
    [
      "worker", "--suite", folder.lock.path, "--run", run.id, "--checkpoint-steps",
      Self.checkpointSteps,
    ] + Self.arithmetic
  }

  private func attack(
    _ project: ProgramRun, _ folder: ResultsFolder, _ attempt: Int, _ reference: Reference,
    _ row: inout Row
  ) throws {
    var generator = key.child("kill", attempt).generator()
    let run = reference.run
    let isSelectionAhead = !hasSelected(run, in: folder)
    var hitsSelection = false
    let killed: Bool
    if attempt.isMultiple(of: 2) {
      let mode = ["half", "before", "after"][attempt / 2 % 3]
      let call = 1 + generator.integer(below: reference.calls)
      // The first one too, so that every run of the harness has some.
      hitsSelection = (generator.bernoulli(0.25) || attempt == 0) && isSelectionAhead
      let place =
        hitsSelection
        ? ["FAULT_TEXT": "\"kind\":\"selected\"", "FAULT_AT": "1"] : ["FAULT_AT": "\(call)"]
      let end = try project(
        worker(run, folder),
        environment: Self.faults(place.merging(["FAULT_MODE": mode]) { $1 }))
      killed = end.wasKilled && end.code == SIGKILL
      #expect(killed || end.code == 0, "\(end.errors)")
      if killed, mode == "half" { row.writing += 1 }
    } else {
      let process = try project.start(worker(run, folder))
      // Within its first half where it has just begun: then most are in the search.
      let share = Self.beginsAnew(attempt) ? 0.5 : 1
      Thread.sleep(forTimeInterval: share * generator.uniform() * reference.seconds)
      Foundation.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      killed = process.terminationReason == .uncaughtSignal
    }
    guard killed else { return }
    row.kills += 1
    if hitsSelection {
      row.selection += 1
    } else if hasSelected(run, in: folder) {
      row.finalTraining += 1
    } else {
      row.search += 1
    }
  }

  private func hasSelected(_ run: RunSpecification, in folder: ResultsFolder) -> Bool {
    let lines = (try? Journal.read(folder.journal(of: run)).lines) ?? []
    return lines.contains { if case .selected = $0.event { true } else { false } }
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
