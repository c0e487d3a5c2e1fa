import Randomness

/// A learning rate as a function of how much of the training is done.
///
/// Schedules follow the fraction of the budget that is used, so that a cosine ends where the
/// budget ends, for every method.
public enum Schedule: Hashable, Sendable {
  case constant(Double)
  /// Half a cosine from one rate to another (Loshchilov & Hutter 2017, arXiv 1608.03983, Eq. 5,
  /// without restarts).
  case cosine(from: Double, to: Double)
  /// Half cosines one after the other, each `growth` times as long as the one before (the same
  /// equation). The first is `period` epochs of `epochs`; the rate stays the same within an epoch,
  /// as in ENAS' code (arXiv 1802.03268).
  case cosineWithRestarts(from: Double, to: Double, period: Int, growth: Int, epochs: Int)

  /// A constant rate for the first epochs of `epochs`, then times `factor` with each epoch
  /// (Zaremba et al. 2014, arXiv 1409.2329).
  case stepwise(from: Double, after: Int, factor: Double, epochs: Int)
  /// Times `factor` after each of some epochs of `epochs`, ascending (He et al., arXiv 1512.03385).
  case milestones(from: Double, at: [Int], factor: Double, epochs: Int)
  /// Up by half a cosine from `from / 25` in the first part, then down to `to` (Smith & Topin,
  /// arXiv 1708.07120, as PyTorch's `OneCycleLR` has it).
  case oneCycle(peak: Double, to: Double, rise: Double)
  /// Another schedule, whose rate moves only from epoch to epoch of `epochs`.
  indirect case byEpoch(Schedule, epochs: Int)

  /// The rate when `fraction` of the training, from 0 to 1, is done.
  public func learningRate(at fraction: Double) -> Double {
    let fraction = min(1, max(0, fraction))
    switch self {
    case .constant(let rate): return rate
    case .cosine(let first, let last):
      return Self.halfCosine(from: first, to: last, at: fraction)
    case .cosineWithRestarts(let first, let last, let period, let growth, let epochs):
      var epoch = Self.epoch(at: fraction, of: epochs)
      var length = period
      while epoch >= length {
        epoch -= length
        length *= growth
      }
      return Self.halfCosine(from: first, to: last, at: Double(epoch) / Double(length))
    case .stepwise(let first, let constant, let factor, let epochs):
      let steps = Self.epoch(at: fraction, of: epochs) + 1 - constant
      return (0..<max(0, steps)).reduce(first) { rate, _ in rate * factor }
    case .milestones(let first, let milestones, let factor, let epochs):
      let epoch = Self.epoch(at: fraction, of: epochs)
      return milestones.reduce(first) { rate, milestone in epoch < milestone ? rate : rate * factor
      }
    case .oneCycle(let peak, let last, let rise):
      return fraction < rise
        ? Self.halfCosine(from: peak / 25, to: peak, at: fraction / rise)
        : Self.halfCosine(from: peak, to: last, at: (fraction - rise) / (1 - rise))
    case .byEpoch(let schedule, let epochs):
      let epoch = Self.epoch(at: fraction, of: epochs)
      return schedule.learningRate(at: Double(epoch) / Double(epochs))
    }
  }

  /// The epoch that a part of a training falls into: its first step is its own even if the quotient
  /// rounds down.
  private static func epoch(at fraction: Double, of epochs: Int) -> Int {
    min(epochs - 1, Int(fraction * Double(epochs) + 1e-9))
  }

  private static func halfCosine(from first: Double, to last: Double, at part: Double) -> Double {
    last + 0.5 * (first - last) * (1 + PortableMath.cos(Double.pi * part))
  }
}
