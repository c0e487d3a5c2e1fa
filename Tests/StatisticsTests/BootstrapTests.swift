import Randomness
import Statistics
import Testing

@Suite struct BootstrapTests {
  static let key = RandomKey(seed: 11)
  let bootstrap = Bootstrap(key: key, resamples: 999)
  let sample = Sample([0.123, 0.131, 0.118, 0.1275, 0.14, 0.12, 0.129, 0.1345])

  @Test(arguments: ResamplingGolden.cases.of("bca"))
  func biasCorrectionMatchesSciPy(_ row: Golden) throws {
    let sums = row.first.reduce(0, +)
    let count = Double(row.first.count)
    let correction = try #require(
      BiasCorrection(
        estimate: sums / count, replicates: row.second,
        jackknife: row.first.map { (sums - $0) / (count - 1) }))
    let shares = correction.shares(confidence: 0.95)
    #expect(Golden.agree(shares.low, row.expected[0]))
    #expect(Golden.agree(shares.high, row.expected[1]))
    #expect(Golden.agree(correction.acceleration, row.expected[2], floor: 1e-3))
  }

  // By hand: 1 of 4 below and 1 equal give Φ⁻¹(3/8) = -0.31864 (SciPy); u = -1, 0, 1 has no skew.
  @Test func biasCountsEqualReplicatesByHalves() throws {
    let correction = try #require(
      BiasCorrection(estimate: 2, replicates: [1, 2, 3, 4], jackknife: [1, 2, 3]))
    #expect((correction.bias + 0.3186393639643752).magnitude < 1e-11)
    #expect(correction.acceleration == 0)
  }

  // u = 1, 1, -2: Σu³ = -6, Σu² = 6.
  @Test func accelerationIsThatOfHandSums() throws {
    let correction = try #require(
      BiasCorrection(estimate: 1, replicates: [0, 2], jackknife: [0, 0, 3]))
    #expect(correction.bias == 0)
    #expect((correction.acceleration + 1 / (6 * 6.0.squareRoot())).magnitude < 1e-15)
  }

  @Test func correctionsWithoutASpreadOrASideAreRefused() {
    #expect(BiasCorrection(estimate: 0, replicates: [1, 2], jackknife: [1, 2]) == nil)
    #expect(BiasCorrection(estimate: 3, replicates: [1, 2], jackknife: [1, 2]) == nil)
    #expect(BiasCorrection(estimate: 1, replicates: [1, 2], jackknife: [1, 1]) == nil)
    #expect(BiasCorrection(estimate: 1, replicates: [], jackknife: [1, 2]) == nil)
  }

  @Test func intervalsAreQuantilesOfTheReplicates() throws {
    let means = try #require(bootstrap.replicates(ofStrata: [sample]) { $0[0].mean })
    let percentile = try #require(
      bootstrap.percentileInterval(ofStrata: [sample], confidence: 0.9) { $0[0].mean })
    // 998 steps between 999 replicates: share 0.05 lies at place 49.9.
    let sorted = means.sorted()
    #expect(Golden.agree(percentile.low, sorted[49] + 0.9 * (sorted[50] - sorted[49])))
    #expect(percentile.low > means.min() ?? 0 && percentile.high < means.max() ?? 0)
  }

  @Test func studentizedEndsAreMirrored() throws {
    let mean = try #require(sample.mean)
    let error = try #require(sample.standardError)
    let statistics = try #require(
      bootstrap.replicates(ofStrata: [sample]) { drawn in
        guard let drawnMean = drawn[0].mean, let spread = drawn[0].standardError else { return nil }
        return (drawnMean - mean) / spread
      })
    let interval = try #require(bootstrap.studentizedInterval(ofMeanOf: sample))
    let high = try #require(Sample(statistics).quantile(0.975))
    let low = try #require(Sample(statistics).quantile(0.025))
    #expect(Golden.agree(interval.low, mean - high * error))
    #expect(Golden.agree(interval.high, mean - low * error))
  }

  @Test func replicatesSpreadAsThePlugInError() throws {
    let means = try #require(
      Bootstrap(key: Self.key).replicates(ofStrata: [sample]) { $0[0].mean })
    let spread = try #require(Sample(means).standardDeviation)
    let error = try #require(sample.standardError) * (7.0 / 8).squareRoot()
    // 9999 replicates know the spread to 0.7 %.
    #expect((spread / error - 1).magnitude < 0.025)
  }

  @Test func moreResamplesKeepTheEarlierOnes() {
    let more = Bootstrap(key: Self.key, resamples: 1500)
    let means = more.replicates(ofStrata: [sample]) { $0[0].mean }
    #expect(means?.count == 1500)
    #expect(
      bootstrap.replicates(ofStrata: [sample]) { $0[0].mean } == means.map { Array($0.prefix(999)) }
    )
  }

  @Test func theKeyDecidesTheInterval() {
    let other = Bootstrap(key: RandomKey(seed: 12), resamples: 999)
    let interval = bootstrap.biasCorrectedInterval(of: sample, statistic: \.mean)
    #expect(interval != nil)
    #expect(interval == bootstrap.biasCorrectedInterval(of: sample, statistic: \.mean))
    #expect(interval != other.biasCorrectedInterval(of: sample, statistic: \.mean))
  }

  @Test func equalValuesHaveAPointOrNothing() {
    let flat = Sample([0.5, 0.5, 0.5])
    #expect(
      bootstrap.percentileInterval(ofStrata: [flat]) { $0[0].mean } == Interval(low: 0.5, high: 0.5)
    )
    #expect(bootstrap.biasCorrectedInterval(of: flat, statistic: \.mean) == nil)
    #expect(bootstrap.studentizedInterval(ofMeanOf: flat) == nil)
  }

  @Test func whatCannotBeDrawnIsRefused() {
    let none = Bootstrap(key: Self.key, resamples: 0)
    #expect(none.replicates(ofStrata: [sample]) { $0[0].mean } == nil)
    #expect(none.studentizedInterval(ofMeanOf: sample) == nil)
    #expect(bootstrap.replicates(ofStrata: []) { _ in 1 } == nil)
    #expect(bootstrap.replicates(ofStrata: [sample, Sample([])]) { $0[0].mean } == nil)
    #expect(bootstrap.replicates(ofStrata: [sample]) { _ in nil } == nil)
    #expect(bootstrap.percentileInterval(ofStrata: [sample], confidence: 1) { $0[0].mean } == nil)
    #expect(bootstrap.biasCorrectedInterval(of: Sample([1]), statistic: \.mean) == nil)
    // A resample of three values has none but equal ones in 3 of 27 draws.
    #expect(bootstrap.studentizedInterval(ofMeanOf: Sample([1, 2, 4])) == nil)
  }
}

/// How often nominal 90 % intervals of a skewed distribution's mean hold the true mean.
@Suite struct BootstrapCoverageTests {
  /// Shares of 400 samples of 15 squared normal values, whose mean is 1.
  static func coverage(_ interval: (Sample, Bootstrap) -> Interval?) -> Double {
    let root = RandomKey(seed: 3)
    let hits = (0..<400).filter { trial in
      var generator = root.child("sample", trial).generator()
      let sample = Sample(
        (0..<15).map { _ in
          let value = generator.normal()
          return value * value
        })
      let bootstrap = Bootstrap(key: root.child("bootstrap", trial), resamples: 499)
      return interval(sample, bootstrap).map { $0.low <= 1 && $0.high >= 1 } ?? false
    }
    return Double(hits.count) / 400
  }

  @Test func correctionsCoverMoreOfASkewedMean() {
    let percentile = Self.coverage { sample, bootstrap in
      bootstrap.percentileInterval(ofStrata: [sample], confidence: 0.9) { $0[0].mean }
    }
    let corrected = Self.coverage { sample, bootstrap in
      bootstrap.biasCorrectedInterval(of: sample, confidence: 0.9, statistic: \.mean)
    }
    let studentized = Self.coverage { sample, bootstrap in
      bootstrap.studentizedInterval(ofMeanOf: sample, confidence: 0.9)
    }
    #expect(percentile > 0.7 && percentile < corrected)
    #expect(corrected < studentized && studentized > 0.85 && studentized < 0.95)
  }
}
