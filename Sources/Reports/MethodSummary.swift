import OperationCosts
import ResultsStore
import SearchCore
import Statistics

/// One method of a study over its seeds.
package struct MethodSummary: Sendable {
  /// What its scores mean.
  package let objective: Objective
  /// Id of the method.
  package let method: String
  /// Number of runs that the suite asks for.
  package let plannedRuns: Int
  /// Recorded runs in the order of their seeds, however they ended.
  package let runs: [RunResults]

  /// Collects a method's runs.
  package init(method: String, objective: Objective, plannedRuns: Int, runs: [RunResults]) {
    self.objective = objective
    self.method = method
    self.plannedRuns = plannedRuns
    self.runs = runs.sorted { ($0.seedIndex, $0.id) < ($1.seedIndex, $1.id) }
  }

  /// Runs whose search ended as it should.
  package var completed: [RunResults] { runs.filter { $0.status == .completed } }

  /// Scores at the search's own fidelity of the selected architectures.
  package var searchValidation: Sample { Sample(completed.compactMap(\.searchValidation)) }

  /// Validation scores of the selected architectures, trained on their own.
  package var finalValidation: Sample {
    Sample(trained.compactMap(\.measurement.validation))
  }

  /// Test scores of the selected architectures.
  package var test: Sample { Sample(trained.compactMap(\.measurement.test)) }

  /// Epochs of final training.
  package var finalEpochs: Sample { Sample(trained.compactMap(\.measurement.epochs)) }

  /// Parameters of the selected architectures.
  package var parameters: Sample {
    Sample(completed.compactMap { $0.final?.measurement.parameters }.map { Double($0) })
  }

  /// Trials made by a completed search.
  package var trials: Sample { Sample(completed.map { Double($0.trials.count) }) }

  /// Measured seconds, of the runs of which they are known.
  package var wallClock: Sample { Sample(runs.compactMap(\.wallClockSeconds)) }

  /// Seconds of processor time, of the runs of which they are known.
  package var processorTime: Sample { Sample(runs.compactMap(\.cpuSeconds)) }

  /// Mean modelled seconds of a phase over all recorded runs; `nil` if no run was charged for it.
  package func seconds(in phase: Phase) -> Double? {
    let charges = runs.map { $0.charges[phase] }
    guard charges.contains(where: { $0 != nil }) else { return nil }
    return Sample(charges.map { Double($0?.referenceNanoseconds ?? 0) / 1e9 }).mean
  }

  /// Mean modelled seconds of all phases.
  package var totalSeconds: Double {
    Phase.allCases.reduce(0) { $0 + (seconds(in: $1) ?? 0) }
  }

  /// Seeds that were asked for and have no record.
  package var missingSeeds: [Int] {
    let known = Set(runs.map(\.seedIndex))
    return (0..<plannedRuns).filter { !known.contains($0) }
  }

  /// Runs that ended otherwise than completed, and what ended: the search or the final training.
  package var failures: [(run: RunResults, stage: String, status: RunStatus)] {
    runs.compactMap { run in
      if run.status != .completed { return (run, "search", run.status) }
      if let final = run.final, final.status != .completed {
        return (run, "final training", final.status)
      }
      return nil
    }
  }

  /// Trials of all runs that ended otherwise than completed, by status.
  package var failedTrials: [(status: RunStatus, count: Int)] {
    RunStatus.allCases.filter { $0 != .completed }.compactMap { status in
      let count = runs.reduce(0) { $0 + $1.trials.count { $0.status == status } }
      return count == 0 ? nil : (status, count)
    }
  }

  /// The run whose architecture is best by stand-alone validation score, else by the search's.
  package var best: RunResults? {
    func best(_ score: (RunResults) -> Double?) -> RunResults? {
      var found: (run: RunResults, score: Double)?
      for run in completed {
        guard let value = score(run), objective.isBetter(value, than: found?.score) else {
          continue
        }
        found = (run, value)
      }
      return found?.run
    }
    return best { $0.final?.status == .completed ? $0.final?.measurement.validation : nil }
      ?? best(\.searchValidation)
  }

  private var trained: [StepReport.Outcome] {
    completed.compactMap(\.final).filter { $0.status == .completed }
  }
}

extension StudyResults {
  /// The study's methods in the suite's order.
  ///
  /// - Parameter plannedRuns: Runs of each method that the suite asks for.
  package func summaries(plannedRuns: Int) -> [MethodSummary] {
    methods.map { method in
      MethodSummary(
        method: method, objective: objective, plannedRuns: plannedRuns,
        runs: runs.filter { $0.method == method })
    }
  }
}
