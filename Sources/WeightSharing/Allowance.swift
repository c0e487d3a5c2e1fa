import OperationCosts
import SearchCore

/// What a one-shot search has spent of its budget, of which a reserve is left for its choice.
///
/// Work begins only if it fits, so that the budget is never exceeded; with a budget of measured
/// time, as long as there is time.
struct Allowance {
  private let budget: Budget
  private let examplesPerEpoch: Int
  /// What this search's choice at the end may cost.
  let reserve: Charge
  private let share: BudgetShare
  private(set) var spent = Charge.zero
  private var start = ContinuousClock.now

  init(_ task: OneShotTask, reserve: Charge, _ share: BudgetShare = BudgetShare()) {
    budget = task.budget
    examplesPerEpoch = task.data.count(of: .training)
    self.reserve = reserve
    self.share = share
  }

  /// Measured seconds of the search; down-time does not count.
  var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// Of the budget, with every search of the same share and with what is for others.
  private func fraction(ofEach charge: Charge) -> Double {
    fraction(charge * share.parts + share.kept)
  }

  private func fraction(_ charge: Charge) -> Double {
    Spending(charge: charge, wallClockSeconds: seconds)
      .fraction(of: budget, examplesPerEpoch: examplesPerEpoch)
  }

  /// The part of the weights' training that is done, from 0 to 1.
  var progress: Double {
    if budget.unit == .wallClockHours { return min(1, fraction(.zero)) }
    let left = 1 - fraction(ofEach: reserve)
    return left > 0 ? min(1, fraction(spent * share.parts) / left) : 1
  }

  /// Whether a step of the weights' training fits beside the reserve.
  func allows(_ charge: Charge) -> Bool {
    budget.unit == .wallClockHours
      ? progress < 1 : fraction(ofEach: spent + charge + reserve) <= 1
  }

  /// Whether a step of the choice fits.
  func allowsInReserve(_ charge: Charge) -> Bool {
    budget.unit == .wallClockHours || fraction(ofEach: spent + charge) <= 1
  }

  mutating func spend(_ charge: Charge) { spent += charge }

  /// Goes on from a checkpoint.
  mutating func resume(spent: Charge, seconds: Double) {
    self.spent = spent
    start = ContinuousClock.now - .seconds(seconds)
  }
}
