/// The bias-corrected and accelerated (BCa) bootstrap interval.
///
/// Equals `scipy.stats.bootstrap` with `method="BCa"` of the same resamples. The ends are
/// quantiles of the replicates at shares Φ(z₀ + (z₀ + z) / (1 - a (z₀ + z))), z = Φ⁻¹(α / 2) and
/// Φ⁻¹(1 - α / 2): z₀ corrects the median's bias, a the change of the spread with the mean.
///
/// Source: Efron, doi:10.1080/01621459.1987.10478410.
public struct BiasCorrection: Hashable, Sendable {
  /// z₀ = Φ⁻¹(share of replicates below the estimate, half of the equal ones included).
  public let bias: Double
  /// a = Σ u³ / (6 (Σ u²)^1.5), u = mean of the jackknife statistics minus each.
  public let acceleration: Double

  /// Finds both corrections.
  ///
  /// - Parameters:
  ///   - estimate: Statistic of the sample.
  ///   - replicates: Statistic of each resample, at least one.
  ///   - jackknife: Statistic of the sample without one value, for each.
  /// - Returns: `nil` if all replicates lie on one side, or the jackknife statistics do not differ:
  ///   then a correction is not defined.
  public init?(estimate: Double, replicates: [Double], jackknife: [Double]) {
    guard !replicates.isEmpty, let mean = Sample(jackknife).mean else { return nil }
    var below = 0.0
    for replicate in replicates {
      below += replicate < estimate ? 1 : replicate == estimate ? 0.5 : 0
    }
    let share = below / Double(replicates.count)
    let scale = jackknife.map { (mean - $0).magnitude }.max() ?? 0
    guard share > 0, share < 1, scale > 0, scale.isFinite else { return nil }
    var squares = 0.0
    var cubes = 0.0
    for value in jackknife {
      // Scaled, so that powers of tiny differences do not vanish; the ratio is the same.
      let u = (mean - value) / scale
      squares += u * u
      cubes += u * u * u
    }
    bias = SpecialFunctions.normalQuantile(share)
    acceleration = cubes / (6 * squares * squares.squareRoot())
  }

  /// The shares of the replicates at the ends of the interval.
  ///
  /// - Parameter confidence: Between 0 and 1, both excluded.
  public func shares(confidence: Double) -> Interval {
    let z = SpecialFunctions.normalQuantile((1 + confidence) / 2)
    return Interval(low: share(-z), high: share(z))
  }

  private func share(_ z: Double) -> Double {
    let sum = bias + z
    return SpecialFunctions.normalCDF(bias + sum / (1 - acceleration * sum))
  }
}

extension Bootstrap {
  /// The BCa interval of a statistic of one sample.
  ///
  /// - Parameters:
  ///   - sample: At least two values.
  ///   - confidence: Between 0 and 1, both excluded.
  ///   - statistic: Of a sample; also asked of the sample with one value less.
  /// - Returns: `nil` of fewer than two values, where `replicates` is, where a correction is not
  ///   defined, as without spread, or if a parameter is out of range.
  public func biasCorrectedInterval(
    of sample: Sample, confidence: Double = 0.95, statistic: (Sample) -> Double?
  ) -> Interval? {
    guard confidence > 0, confidence < 1, sample.count >= 2, let estimate = statistic(sample),
      let replicates = replicates(ofStrata: [sample], statistic: { statistic($0[0]) })
    else { return nil }
    let jackknife = sample.values.indices.compactMap { index in
      var rest = sample.values
      rest.remove(at: index)
      return statistic(Sample(rest))
    }
    guard jackknife.count == sample.count,
      let correction = BiasCorrection(
        estimate: estimate, replicates: replicates, jackknife: jackknife)
    else { return nil }
    let shares = correction.shares(confidence: confidence)
    return Sample(replicates).interval(between: shares.low, and: shares.high)
  }
}
