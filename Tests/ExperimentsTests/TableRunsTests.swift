import Experiments
import Foundation
import SearchCore
import Testing

/// Runs on tables, several at once, and glances at them.
@Suite struct TableRunsTests {
  private let temporary = TemporaryFolder()
  private let suite = Suite.fake(final: nil, evaluator: "table", seeds: 12)
  private var folder: ResultsFolder { ResultsFolder(root: temporary.url) }

  @discardableResult
  private func run(
    threads: Int, in folder: ResultsFolder, stop: StopFlag = StopFlag(),
    watch: @escaping ([RunState]) -> Void = { _ in }
  ) throws -> SuiteOutcome {
    try SuiteRunner(
      suite: suite, workbench: FakeWorkbench(), folder: folder, launcher: NoLauncher(),
      options: SuiteRunner.Options(jobs: threads, environment: []), stop: stop, watch: watch
    ).run()
  }

  /// The canonical events of all runs, as the journals have them.
  private func canonical(_ folder: ResultsFolder) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(
      suite.runs.map { try RunFixture.canonicalEvents(folder.folder(of: $0)) })
  }

  private func damage(_ run: RunSpecification, line: Int) throws {
    var data = try Data(contentsOf: folder.journal(of: run))
    var lines = data.split(separator: UInt8(ascii: "\n")).map { Array($0) }
    let index = line < 0 ? lines.count + line : line
    lines[index][100] ^= 1
    data = Data(lines.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
    try data.write(to: folder.journal(of: run))
  }

  @Test(arguments: [2, 5, 40])
  func theSameBytesForAnyNumberOfThreads(threads: Int) throws {
    let other = TemporaryFolder()
    let otherFolder = ResultsFolder(root: other.url)
    #expect(try run(threads: 1, in: folder).isComplete)
    #expect(try run(threads: threads, in: otherFolder).isComplete)
    #expect(try canonical(folder) == canonical(otherFolder))
  }

  @Test func aRunThatCannotGoOnStopsNoOther() throws {
    try run(threads: 2, in: folder)
    let whole = try canonical(folder)
    for run in suite.runs where run.seedIndex != 7 {
      try FileManager.default.removeItem(at: folder.folder(of: run))
    }
    let damaged = suite.runs[7]
    let journal = try Data(contentsOf: folder.journal(of: damaged))
    try damage(damaged, line: 1)
    let outcome = try run(threads: 2, in: folder)
    #expect(outcome.count(.finished) == 11)
    #expect(outcome.states[7].stage == .failed)
    #expect(outcome.states[7].message?.contains("journal.jsonl:2: line does not match") == true)
    try journal.write(to: folder.journal(of: damaged))
    #expect(try canonical(folder) == whole)
  }

  @Test func aStopBeginsNoMore() throws {
    let stop = StopFlag()
    stop.raise()
    let outcome = try run(threads: 2, in: folder, stop: stop)
    #expect(outcome.count(.waiting) == 12)
    let later = StopFlag()
    // Whatever was begun ends or is journaled as interrupted; the next command does the rest.
    try run(threads: 2, in: folder, stop: later) { _ in later.raise() }
    #expect(try run(threads: 2, in: folder).isComplete)
    let whole = TemporaryFolder()
    try run(threads: 1, in: ResultsFolder(root: whole.url))
    #expect(try canonical(folder) == canonical(ResultsFolder(root: whole.url)))
  }

  @Test func linesAreWhatAnEncoderWrites() throws {
    let journal = try Journal(opening: temporary.url.appending(path: "journal.jsonl"))
    let costs: [MeasuredCosts?] = [
      nil, MeasuredCosts(),
      MeasuredCosts(
        costs: Dictionary(
          uniqueKeysWithValues: Phase.allCases.enumerated().map { index, phase in
            let energy = index % 2 == 0 ? nil : 7 * index
            return (
              phase,
              MeasuredCost(wallNanoseconds: index, cpuNanoseconds: -3, microjoules: energy)
            )
          })),
    ]
    for measured in costs {
      for seconds in [0, 1.5, 1e-5, 123_456_789, 1e22, -0.1] {
        try journal.append(
          .failed(Failure(message: "a \"b\" / c")),
          clock: .init(
            activeSeconds: seconds, cpuSeconds: seconds / 3, unixSeconds: 5, measured: measured))
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = try String(
      contentsOf: temporary.url.appending(path: "journal.jsonl"), encoding: .utf8)
    for (line, written) in zip(journal.lines, text.split(separator: "\n")) {
      let body = String(decoding: try encoder.encode(line), as: UTF8.self)
      #expect(written.hasSuffix(#"","line":\#(body)}"#))
    }
  }

  @Test func aGlanceTellsWhatReadingTells() throws {
    try run(threads: 2, in: folder)
    let runs = suite.runs
    // Finished; without its last line; with a torn line; failed; with one line; gone.
    for index in 1...2 {
      var data = try Data(contentsOf: folder.journal(of: runs[index]))
      let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
      data = data[..<lines[lines.count - 1].startIndex]
      if index == 2 { data += Data(#"{"hash":"0123"#.utf8) }
      try data.write(to: folder.journal(of: runs[index]))
    }
    for index in 3...4 { try FileManager.default.removeItem(at: folder.journal(of: runs[index])) }
    let clock = JournalLine.Clock(activeSeconds: 0, cpuSeconds: 0, unixSeconds: 0)
    let failed = try Journal(opening: folder.journal(of: runs[3]))
    try failed.append(.session([]), clock: clock)
    try failed.append(.failed(Failure(message: "no disk", status: .outOfMemory)), clock: clock)
    let begun = try Journal(opening: folder.journal(of: runs[4]))
    try begun.append(.session([]), clock: clock)
    try FileManager.default.removeItem(at: folder.folder(of: runs[5]))

    let glances = RunState.glance(at: runs, in: folder)
    #expect(glances == runs.map { RunState.read($0, in: folder) })
    #expect(
      glances.prefix(6).map(\.stage)
        == [.finished, .interrupted, .interrupted, .failed, .running, .waiting])
    #expect(glances[0].status == .completed)
    #expect(glances[3].message == "no disk")
    #expect(glances[3].status == .outOfMemory)
    withExtendedLifetime((failed, begun)) {}
  }

  @Test func aGlanceFindsDamageOfTheLastLineOnly() throws {
    try run(threads: 2, in: folder)
    try damage(suite.runs[0], line: -1)
    try damage(suite.runs[1], line: 1)
    let glances = RunState.glance(at: suite.runs, in: folder)
    #expect(glances[0].stage == .failed)
    #expect(glances[0].message?.contains("does not match its checksum") == true)
    #expect(glances[1].stage == .finished)
    #expect(RunState.read(suite.runs[1], in: folder).stage == .failed)
  }
}

/// For suites of which no run is a process.
private struct NoLauncher: WorkerLauncher {
  func launch(_ run: RunSpecification, lock: URL, log: URL) throws -> any WorkerProcess {
    throw SuiteError("\(run.id): no process was expected")
  }
}
