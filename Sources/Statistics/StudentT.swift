import Randomness

/// Student's t distribution.
///
/// Source: Student, doi:10.2307/2331554; its tail is an incomplete beta function.
public struct StudentT: Hashable, Sendable {
  /// Degrees of freedom, above 0; need not be whole.
  public let degreesOfFreedom: Double

  public init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

  /// Probability that a variable is at most `t`.
  public func cumulative(_ t: Double) -> Double {
    let half = twoSidedTail(t) / 2
    return t < 0 ? half : 1 - half
  }

  /// Probability that a variable is further from 0 than `t`.
  public func twoSidedTail(_ t: Double) -> Double {
    SpecialFunctions.incompleteBeta(
      degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5)
  }

  /// The value that a variable is at most with the given probability.
  ///
  /// - Parameter probability: Between 0 and 1, both excluded.
  public func quantile(_ probability: Double) -> Double {
    if probability == 0.5 { return 0 }
    let tail = 2 * min(probability, 1 - probability)
    var high = 1.0
    while twoSidedTail(high) > tail, high < 1e300 { high *= 2 }
    var low = high == 1 ? 0 : high / 2
    // Bisection to the last bit: the tail falls strictly, and 80 halvings are cheap.
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if twoSidedTail(middle) > tail { low = middle } else { high = middle }
    }
    let size = (low + high) / 2
    return probability < 0.5 ? -size : size
  }
}

/// Student's t distribution of a shifted mean: what a test statistic follows if there is a
/// difference.
///
/// Source: Lenth, doi:10.2307/2347693 (algorithm AS 243).
package struct NoncentralT: Hashable, Sendable {
  /// Degrees of freedom, above 0.
  package let degreesOfFreedom: Double
  /// True difference in units of its standard error; magnitude up to 37.
  package let noncentrality: Double

  package init(degreesOfFreedom: Double, noncentrality: Double) {
    self.degreesOfFreedom = degreesOfFreedom
    self.noncentrality = noncentrality
  }

  /// Probability that a variable is at most `t`.
  package func cumulative(_ t: Double) -> Double {
    if t < 0 {
      return 1
        - NoncentralT(degreesOfFreedom: degreesOfFreedom, noncentrality: -noncentrality)
        .cumulative(-t)
    }
    let half = noncentrality * noncentrality / 2
    let x = t * t / (t * t + degreesOfFreedom)
    // p, q: Poisson weights of the even and the odd terms of the series.
    var p = 0.5 * PortableMath.exp(-half)
    var q = 0.79788456080286535588 * p * noncentrality
    var sum = SpecialFunctions.normalCDF(-noncentrality)
    var j = 0.0
    while j < 2000 {
      sum +=
        p * SpecialFunctions.incompleteBeta(x, j + 0.5, degreesOfFreedom / 2)
        + q * SpecialFunctions.incompleteBeta(x, j + 1, degreesOfFreedom / 2)
      j += 1
      p *= half / j
      q *= half / (j + 0.5)
      if j > half, p.magnitude + q.magnitude < 1e-15 { break }
    }
    return min(1, max(0, sum))
  }
}
