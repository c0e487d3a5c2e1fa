/// Which departures from the null hypothesis count as evidence against it.
public enum Alternative: String, Hashable, Codable, Sendable, CaseIterable {
  /// A difference of either sign.
  case twoSided
  /// The first is smaller.
  case less
  /// The first is larger.
  case greater

  /// The p-value of a statistic from the probabilities of its two tails, both of which hold the
  /// observed value: twice the smaller one, at most 1, if the test is two-sided.
  package func pValue(lower: Double, upper: Double) -> Double {
    switch self {
    case .twoSided: min(1, 2 * min(lower, upper))
    case .less: min(1, lower)
    case .greater: min(1, upper)
    }
  }

  /// The p-value of a statistic that is standard normal under the null hypothesis.
  package func pValue(normal z: Double) -> Double {
    pValue(lower: SpecialFunctions.normalTail(-z), upper: SpecialFunctions.normalTail(z))
  }

  /// The p-value of a statistic that follows Student's t under the null hypothesis.
  package func pValue(t: Double, degreesOfFreedom: Double) -> Double {
    let distribution = StudentT(degreesOfFreedom: degreesOfFreedom)
    return pValue(lower: distribution.upperTail(-t), upper: distribution.upperTail(t))
  }
}

extension StudentT {
  /// Probability that a variable is larger than `t`; keeps its digits where it is tiny, as
  /// `scipy.stats.t.sf` does.
  public func upperTail(_ t: Double) -> Double {
    let half = twoSidedTail(t) / 2
    return t > 0 ? half : 1 - half
  }
}
