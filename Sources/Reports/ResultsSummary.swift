import ResultsStore
import SearchCore
import Statistics

/// What `results.json` holds.
struct ResultsSummary: Encodable {
  let suite: String
  let version: Int
  let seed: UInt64
  let canonicalChecksum: String
  let referenceDevice: String
  /// How times in `modelledSeconds` came about.
  let computation = "computed on CPU; GPU time is modelled for the reference device"
  let studies: [Study]

  struct Study: Encodable {
    let name, kind, dataset, space, evaluator, costLabel, modelError, answer: String
    let evidence: [String]
    let objective: Objective
    let searchBudget: Budget
    @Known var finalBudget: Budget?
    let methods: [Method]
  }

  struct Method: Encodable {
    let method: String
    let plannedRuns: Int
    let completedRuns: Int
    let missingSeeds: [Int]
    let searchValidation, validation, test: Estimate
    let parameters, trials, finalEpochs: Estimate
    /// Mean of a run, by phase; a phase without cost is absent.
    let modelledSeconds: [String: Double]
    let wallClockSeconds, processorSeconds: Estimate
    let runs: [Run]
  }

  struct Run: Encodable {
    let seed: Int
    let status: RunStatus
    let trials: Int
    @Known var finalStatus: RunStatus?
    @Known var searchValidation: Double?
    @Known var validation: Double?
    @Known var test: Double?
    @Known var parameters: Int?
    @Known var finalEpochs: Double?
    @Known var architecture: String?
  }

  /// A mean with its 95 % t interval.
  struct Estimate: Encodable {
    let count: Int
    @Known var mean: Double?
    @Known var low: Double?
    @Known var high: Double?

    init(_ sample: Sample) {
      let interval = sample.meanInterval()
      count = sample.count
      _mean = Known(wrappedValue: sample.mean)
      _low = Known(wrappedValue: interval?.low)
      _high = Known(wrappedValue: interval?.high)
    }
  }

  /// Writes `null` for what is not known, where the default would leave the key out.
  @propertyWrapper struct Known<Value: Encodable>: Encodable {
    let wrappedValue: Value?

    init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
  }

  init(results: SuiteResults, studies: [ReportDocument.Study]) {
    suite = results.suite
    version = results.version
    seed = results.seed
    canonicalChecksum = results.canonicalChecksum
    referenceDevice = results.referenceDevice
    self.studies = studies.map { study in
      Study(
        name: study.results.name, kind: study.results.kind.rawValue, dataset: study.results.dataset,
        space: study.results.space, evaluator: study.results.evaluator,
        costLabel: study.results.costLabel,
        modelError: results.modelError(of: study.results), answer: study.findings.headline,
        evidence: study.findings.sentences, objective: study.results.objective,
        searchBudget: study.results.searchBudget,
        finalBudget: study.results.finalBudget,
        methods: study.findings.summaries.map(Self.method))
    }
  }

  private static func method(_ summary: MethodSummary) -> Method {
    var seconds: [String: Double] = [:]
    for phase in Phase.allCases { seconds[phase.rawValue] = summary.seconds(in: phase) }
    return Method(
      method: summary.method, plannedRuns: summary.plannedRuns,
      completedRuns: summary.completed.count, missingSeeds: summary.missingSeeds,
      searchValidation: Estimate(summary.searchValidation),
      validation: Estimate(summary.finalValidation), test: Estimate(summary.test),
      parameters: Estimate(summary.parameters), trials: Estimate(summary.trials),
      finalEpochs: Estimate(summary.finalEpochs), modelledSeconds: seconds,
      wallClockSeconds: Estimate(summary.wallClock),
      processorSeconds: Estimate(summary.processorTime),
      runs: summary.runs.map { run in
        let final = run.final?.measurement
        return Run(
          seed: run.seedIndex, status: run.status, trials: run.trials.count,
          finalStatus: run.final?.status, searchValidation: run.searchValidation,
          validation: final?.validation, test: final?.test,
          parameters: final?.parameters, finalEpochs: final?.epochs,
          architecture: run.selectedArchitecture)
      })
  }
}

extension StudyResults {
  /// What its seconds are seconds of.
  func timeLabel(on device: String) -> String {
    evaluatorProgram == nil ? "modelled time on \(device)" : "time that the program measured"
  }
}

extension SuiteResults {
  /// How far a study's modelled times can be trusted, in words. A table's seconds do not come from
  /// the device's profile.
  func modelError(of study: StudyResults) -> String {
    if study.evaluatorProgram != nil { return "measured, not modelled" }
    let known = study.trains ? referenceDeviceError : nil
    return known ?? "no held-out error is known"
  }

  /// Where its hours come from, as a sentence.
  var computation: String {
    let measured = studies.filter { $0.evaluatorProgram != nil }.map(\.name)
    let program = "measured by the program that trained"
    if measured.count == studies.count, !studies.isEmpty { return "GPU-hours are \(program)." }
    let modelled = "Computed on CPU; GPU-hours are modelled for \(referenceDevice)"
    return measured.isEmpty
      ? "\(modelled)." : "\(modelled); those of \(ReportText.list(measured)) are \(program)."
  }

  /// What is known of the error of modelled hours, where any study has them; `nil` for nothing.
  var modelledHoursError: String? {
    studies.allSatisfy { $0.evaluatorProgram != nil } && !studies.isEmpty
      ? nil : referenceDeviceError
  }
}
