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

  /// The rate when `fraction` of the training, from 0 to 1, is done.
  public func learningRate(at fraction: Double) -> Double {
    switch self {
    case .constant(let rate): rate
    case .cosine(let first, let last):
      last + 0.5 * (first - last) * (1 + PortableMath.cos(Double.pi * min(1, max(0, fraction))))
    }
  }
}
