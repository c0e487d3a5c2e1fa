import Experiments
import OperationCosts
import SearchCore

extension RunResults {
  /// A run of which nothing is known yet.
  init(study: String, method: String, seedIndex: Int) {
    self.init(
      id: "\(study)/\(method)/\(seedIndex)", method: method, seedIndex: seedIndex, status: .killed,
      trials: [], selectedArchitecture: nil, selectedGraphs: [], searchValidation: nil, final: nil,
      charges: [:], wallClockSeconds: nil, cpuSeconds: nil)
  }

  /// Takes in a journal from its first line; a run without an end counts as killed.
  mutating func fold(_ lines: [JournalLine]) {
    var spent = Ledger()
    for line in lines { take(line.event, &spent) }
    for phase in Phase.allCases where spent.charge(of: phase) != .zero {
      charges[phase] = spent.charge(of: phase)
    }
    wallClockSeconds = lines.map(\.clock.activeSeconds).max()
    cpuSeconds = lines.map(\.clock.cpuSeconds).max()
    // Journals of earlier programs knew only sums.
    if let account = lines.last?.clock.measured {
      let found = Phase.allCases.map { ($0, account[$0]) }
      let kept = found.filter { $0.1 != .zero || charges[$0.0] != nil }
      measured = kept.isEmpty ? nil : Dictionary(uniqueKeysWithValues: kept)
    }
  }

  private mutating func take(_ event: JournalEvent, _ spent: inout Ledger) {
    switch event {
    case .session: status = .killed
    case .trialFinished(let record):
      trials.append(TrialResults(record))
      spent.add(record.charges)
    case .epochFinished(let record):
      epochs = epochs ?? []
      epochs?.append(record)
    case .candidateFinished(let record):
      candidates = candidates ?? []
      candidates?.append(record)
    case .interrupted(let record): spent.add(record.lost)
    case .selected(let record):
      selectedArchitecture = record.architecture
      searchValidation = record.validation
    case .finalFinished(let record):
      final = record.outcome
      finalLearning = record.learning
      spent.add(record.charges)
    case .failed(let failure): status = failure.status ?? .failed
    case .runFinished(let record): status = record.status
    case .runStarted, .testSplitRead: break
    }
  }
}

extension TrialResults {
  /// What results keep of a trial: without its phases and its simulated times.
  init(_ record: TrialRecord) {
    var measurement = record.measurement
    // Only final training has a test score.
    measurement.test = nil
    self.init(
      index: record.index, architecture: record.architecture, identity: record.identity,
      status: record.status, measurement: measurement, chargedSoFar: record.chargedSoFar,
      budgetFraction: record.budgetFraction)
    learning = record.learning
  }
}
