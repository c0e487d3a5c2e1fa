import OperationCosts
import Randomness
import SearchCore
import SearchSpaces

/// One-shot searches with different seeds, one after the other, and the choice among their cells:
/// each is trained from scratch, and the one with the best validation score is kept.
///
/// Source: Liu et al., arXiv 1806.09055, section 3.1; Li & Talwalkar, arXiv 1902.07638, section 4,
/// who proceed in the same stages.
///
/// What the trainings may cost is kept aside, as if every cell were the dearest of the space. The
/// searches share the rest equally: each may spend its part of what those before it have left. A
/// search or a training that explodes is out of the choice. Equal cells are trained each, as in the
/// paper: the cost is then known beforehand.
final class SeedSelection: Evaluation, Checkpointable {
  /// What the searches and the trainings need to know.
  struct Plan {
    let task: OneShotTask
    let searches: Int
    let selectionEpochs: Int
    /// What the trainings may cost together.
    let reserve: Charge
    /// Makes a search of the given task with its share of the budget.
    let search: (OneShotTask, BudgetShare) throws -> any Evaluation & Checkpointable
  }

  /// A search that has ended.
  private struct Found: Codable {
    /// In the paper's notation; `nil` if the search found none.
    var architecture: String?
    /// How the training of it ended, or the search if it found nothing; `nil` before.
    var outcome: StepReport.Outcome?
  }

  /// What a checkpoint holds beside the search or the training that is under way.
  private struct State: Codable {
    var found: [Found] = []
    /// What the searches that have ended were charged.
    var ended = Charge.zero
    /// Epochs of all searches.
    var epochs = 0
    /// State of the search or the training; `nil` between two.
    var work: String?
  }

  private typealias Work = any Evaluation & Checkpointable

  private let plan: Plan
  private var state = State()
  /// What all searches were charged.
  private var spent = Charge.zero
  /// The search or the training that is under way; its predecessor's memory is free by then.
  private var work: Work?

  init(_ plan: Plan) { self.plan = plan }

  func step() throws -> StepReport {
    if state.found.count < plan.searches { return try search() }
    guard let place = nextToTrain else { return choice(.zero, nil) }
    return try train(place)
  }

  private var nextToTrain: Int? { state.found.firstIndex { $0.outcome == nil } }

  /// The search or the training that is under way, or the next from its beginning.
  private func current() throws -> Work {
    let current = try work ?? begun()
    work = current
    return current
  }

  private func candidate(_ place: Int) -> SearchCandidate? {
    let found = state.found[place]
    return found.outcome.map {
      SearchCandidate(search: place, architecture: found.architecture, outcome: $0)
    }
  }

  // MARK: Searches

  private func search() throws -> StepReport {
    let index = state.found.count
    let report = try current().step()
    spent += report.charge
    var epoch = report.epoch
    if epoch != nil {
      state.epochs += 1
      epoch?.epoch = state.epochs
      epoch?.search = index
    }
    var candidate: SearchCandidate?
    if let outcome = report.outcome {
      let chosen = report.chosen.map { plan.task.space.text(of: $0) }
      state.found.append(Found(architecture: chosen, outcome: chosen == nil ? outcome : nil))
      candidate = self.candidate(index)
      state.ended = spent
      work = nil
    }
    return StepReport(
      phase: report.phase, charge: report.charge, epoch: epoch, candidate: candidate)
  }

  // MARK: Selection

  private func train(_ place: Int) throws -> StepReport {
    let report = try current().step()
    guard let outcome = report.outcome else {
      return StepReport(
        phase: .selection, charge: report.charge, testSplitRead: report.testSplitRead)
    }
    work = nil
    state.found[place].outcome = outcome
    let candidate = candidate(place)
    return nextToTrain == nil
      ? choice(report.charge, candidate)
      : StepReport(phase: .selection, charge: report.charge, candidate: candidate)
  }

  /// The end: the best of the trained cells. It comes with the last training's last step, which
  /// has a charge and made a candidate known.
  private func choice(_ charge: Charge, _ candidate: SearchCandidate?) -> StepReport {
    let candidates = state.found.indices.compactMap { self.candidate($0) }
    let best = candidates.best(by: plan.task.objective)
    let chosen = best?.architecture.flatMap { try? plan.task.space.parse($0) }
    let hasDiverged = candidates.contains { $0.outcome.status == .diverged }
    let failure = StepReport.Outcome(
      status: hasDiverged ? .diverged : .budgetSpent, measurement: Measurement())
    return StepReport(
      phase: .selection, charge: charge, outcome: best?.outcome ?? failure, candidate: candidate,
      chosen: chosen)
  }

  // MARK: Checkpoints

  private func begun() throws -> Work {
    let (index, key) = (state.found.count, plan.task.key)
    guard index == plan.searches else {
      var task = plan.task
      task.key = key.child("search", index)
      return try plan.search(
        task, BudgetShare(kept: plan.reserve + state.ended, parts: plan.searches - index))
    }
    guard let place = nextToTrain, let text = state.found[place].architecture else {
      throw MethodError("the selection has no cell left to train; expected one")
    }
    return try plan.task.trainer.training(
      of: try plan.task.space.parse(text), epochs: plan.selectionEpochs,
      key: key.child("selection", place))
  }

  func snapshot() throws -> Snapshot {
    let inner = try work?.snapshot()
    var state = state
    state.work = inner.map { String(decoding: $0.state, as: UTF8.self) }
    return try SearchSnapshot(state, key: plan.task.key, spent: spent)
      .snapshot(tensors: inner?.tensors ?? [])
  }

  func restore(from snapshot: Snapshot) throws {
    let found = try SearchSnapshot<State>.read(
      snapshot.state, key: plan.task.key, isSound: isSound)
    state = found.state
    spent = found.spent
    work = nil
    guard let text = state.work else { return }
    state.work = nil
    var taken = try begun()
    try taken.restore(from: Snapshot(state: Array(text.utf8), tensors: snapshot.tensors))
    work = taken
  }

  private func isSound(_ state: State) -> Bool {
    state.found.count <= plan.searches && (0..<1 << 30).contains(state.epochs)
      && state.found.allSatisfy { found in
        found.architecture.map { (try? plan.task.space.parse($0)) != nil }
          ?? (found.outcome != nil)
      }
  }
}

/// What a search may spend of its task's budget.
struct BudgetShare {
  /// What is for others: searches that have ended, and the trainings of what was found.
  var kept = Charge.zero
  /// Searches that share equally what is left; this is one of them.
  var parts = 1
}

extension SeedSelection {
  /// What a suite may set of it.
  ///
  /// - Parameters:
  ///   - searches: What the method's own paper has, or 1.
  ///   - epochs: Of each training.
  static func settings(
    searches: Int, epochs: Int, source: String
  ) -> [MethodSetting] {
    [
      MethodSetting(
        name: "searches", defaultValue: Double(searches), range: 1...64, isInteger: true,
        source: "\(source); 1 for one search and no selection"),
      MethodSetting(
        name: "selection-epochs", defaultValue: Double(epochs), range: 1...10_000, isInteger: true,
        source: "\(source); of no account with one search"),
    ]
  }

  /// The search that the settings ask for: several with a selection, or the one alone.
  static func search(
    _ task: OneShotTask, _ settings: MethodSettings, of method: String,
    search:
      @escaping (OneShotTask, BudgetShare) throws(MethodError) -> any Evaluation & Checkpointable
  ) throws(MethodError) -> any Evaluation & Checkpointable {
    let searches = Int(settings["searches"])
    guard searches > 1 else { return try search(task, BudgetShare()) }
    return SeedSelection(
      Plan(
        task: task, searches: searches, selectionEpochs: Int(settings["selection-epochs"]),
        reserve: try trainings(task, settings, of: method).charge, search: search))
  }

  /// The forecast of one search's method, with the trainings if there are several.
  static func forecast(
    _ forecast: OneShotForecast, _ task: OneShotTask, _ settings: MethodSettings, of method: String
  ) throws(MethodError) -> OneShotForecast {
    let searches = Int(settings["searches"])
    guard searches > 1 else { return forecast }
    let trainings = try trainings(task, settings, of: method)
    var whole = forecast
    whole.selection = forecast.selection * searches + trainings.charge
    whole.minimumEpochs = searches
    whole.economy = "set searches: 1 or fewer selection-epochs"
    whole.peakMemoryBytes = forecast.peakMemoryBytes.map {
      max($0, trainings.peakMemoryBytes ?? 0)
    }
    return whole
  }

  /// What training the searches' cells costs at most.
  ///
  /// - Throws: `MethodError` if that cannot be kept aside.
  private static func trainings(
    _ task: OneShotTask, _ settings: MethodSettings, of method: String
  ) throws(MethodError) -> EvaluationForecast {
    let searches = Int(settings["searches"])
    guard task.budget.unit != .wallClockHours else {
      throw MethodError(
        "method '\(method)' cannot tell how long training the cells of \(searches) searches takes "
          + "here; expected searches: 1, or a search budget in another unit than "
          + "\(task.budget.unit.rawValue)")
    }
    guard let space = task.space as? any PricedSpace else {
      throw MethodError(
        "method '\(method)' cannot tell which architecture of '\(type(of: task.space).name)' costs "
          + "most to train, and so what \(searches) trainings do; expected searches: 1, or space: "
          + "\(DARTSCells.name), \(DARTSRecurrent.name) or \(NASBench201.name)")
    }
    func training(of cells: Architecture) throws -> EvaluationForecast {
      try task.trainer.forecastTraining(of: cells, epochs: Int(settings["selection-epochs"]))
    }
    do {
      let (dearest, largest) = try (
        training(of: type(of: space).dearest), training(of: type(of: space).largest)
      )
      return EvaluationForecast(
        charge: dearest.charge * searches, peakMemoryBytes: largest.peakMemoryBytes)
    } catch {
      throw MethodError("\(error)")
    }
  }
}
