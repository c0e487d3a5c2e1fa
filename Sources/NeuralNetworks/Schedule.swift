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

  /// The rate when `fraction` of the training, from 0 to 1, is done.
  public func learningRate(at fraction: Double) -> Double {
    let fraction = min(1, max(0, fraction))
    switch self {
    case .constant(let rate): return rate
    case .cosine(let first, let last):
      return Self.halfCosine(from: first, to: last, at: fraction)
    case .cosineWithRestarts(let first, let last, let period, let growth, let epochs):
      // An epoch's first step is its own even if the quotient rounds down.
      var epoch = min(epochs - 1, Int(fraction * Double(epochs) + 1e-9))
      var length = period
      while epoch >= length {
        epoch -= length
        length *= growth
      }
      return Self.halfCosine(from: first, to: last, at: Double(epoch) / Double(length))
    }
  }

  private static func halfCosine(from first: Double, to last: Double, at part: Double) -> Double {
    last + 0.5 * (first - last) * (1 + PortableMath.cos(Double.pi * part))
  }
}
