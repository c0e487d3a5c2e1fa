import OperationCosts
import Randomness
import SearchCore

/// What a study's trials can be expected to cost: means over architectures drawn at random.
struct TrialForecasts {
  /// A trial, on average.
  struct Forecast {
    /// Part of the search budget.
    var fraction = 0.0
    /// Modelled seconds on the reference device.
    var seconds = 0.0
    /// The same, of the final training.
    var finalSeconds = 0.0
    /// The most of any trial and final training; `nil` if unknown.
    var peakMemoryBytes: Int?
    /// The most of any trial: see `EvaluationForecast.unlearntStatistics`.
    var unlearntStatistics = 0.0

    /// Trials that the search budget pays for; `nil` if its unit does not tell.
    var trials: Double? { fraction > 0 ? 1 / fraction : nil }

    fileprivate mutating func add(_ share: Double, of other: Forecast) {
      fraction += share * other.fraction
      seconds += share * other.seconds
      finalSeconds += share * other.finalSeconds
      peakMemoryBytes = [peakMemoryBytes, other.peakMemoryBytes].compactMap { $0 }.max()
      unlearntStatistics = max(unlearntStatistics, other.unlearntStatistics)
    }
  }

  /// Trials of the same price.
  private struct Kind: Hashable {
    var space: String
    var epochs: Int?
    var layers: Int?
  }

  /// Number of architectures whose costs are averaged; of each depth, where they grow.
  private static let (samples, samplesOfADepth) = (64, 16)
  /// More are not told apart.
  private static let mostTrials = 1 << 40

  private let study: Study
  private let key: RandomKey
  private var known: [Kind: Forecast] = [:]

  init(of study: Study, seed: UInt64) {
    self.study = study
    key = RandomKey(seed: seed).child("plan")
  }

  /// The mean of a search's trials; of the space's architectures without one.
  mutating func mean(
    of search: (any Searcher)?, by evaluator: any Evaluator
  ) throws -> Forecast {
    guard let search else { return try mean(of: [.own], by: evaluator) }
    func first(_ trials: Int) throws -> Forecast {
      try mean(of: search.fidelities(ofTrials: trials), by: evaluator)
    }
    func part(_ trials: Int) throws -> Double { try Double(trials) * first(trials).fraction }
    // How many trials there will be follows from their price, and that from how many there will be.
    var (paid, tooMany) = (1, 2)
    while tooMany < Self.mostTrials, try part(tooMany) <= 1 {
      (paid, tooMany) = (tooMany, 2 * tooMany)
    }
    while tooMany - paid > 1 {
      let middle = (paid + tooMany) / 2
      if try part(middle) <= 1 { paid = middle } else { tooMany = middle }
    }
    let (spent, next) = (try part(paid), try part(paid + 1))
    guard spent < 1, next > spent else { return try first(paid) }
    // What is left pays for a part of the next trial.
    let share = (1 - spent) / (next - spent)
    let trials = Double(paid) + share
    var forecast = Forecast()
    forecast.add((1 - share) * Double(paid) / trials, of: try first(paid))
    forecast.add(share * Double(paid + 1) / trials, of: try first(paid + 1))
    return forecast
  }

  private mutating func mean(
    of fidelities: [Fidelity], by evaluator: any Evaluator
  ) throws -> Forecast {
    var mean = Forecast()
    for fidelity in fidelities {
      let kind = Kind(
        space: type(of: evaluator.space).name, epochs: fidelity.epochs, layers: fidelity.layers)
      let forecast = try known[kind] ?? price(kind, by: evaluator)
      known[kind] = forecast
      mean.add(fidelity.share, of: forecast)
    }
    return mean
  }

  private func price(_ kind: Kind, by evaluator: any Evaluator) throws -> Forecast {
    var generator = key.generator()
    var mean = Forecast()
    let samples = kind.layers == nil ? Self.samples : Self.samplesOfADepth
    for _ in 0..<samples {
      var architecture = evaluator.space.sample(using: &generator)
      if let layers = kind.layers, let space = evaluator.space as? any DepthSearchSpace {
        let choices = architecture.choices.prefix(space.decisionCount(depth: layers))
        architecture = Architecture(space: architecture.space, choices: Array(choices))
      }
      let trial = try evaluator.forecastTrial(of: architecture, epochs: kind.epochs)
      let final = try evaluator.forecastFinalTraining(of: architecture, budget: study.finalBudget)
      mean.add(
        1 / Double(samples),
        of: Forecast(
          fraction: Spending(charge: trial.charge, completedTrials: 1)
            .fraction(of: study.searchBudget, examplesPerEpoch: evaluator.examplesPerEpoch),
          seconds: 1e-9 * Double(trial.charge.referenceNanoseconds),
          finalSeconds: 1e-9 * Double(final.charge.referenceNanoseconds),
          peakMemoryBytes: [trial, final].compactMap(\.peakMemoryBytes).max(),
          unlearntStatistics: trial.unlearntStatistics))
    }
    return mean
  }
}
