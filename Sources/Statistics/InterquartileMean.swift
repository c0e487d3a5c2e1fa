/// The mean of the middle half of the values: less moved by single runs than the mean, and less
/// wasteful than the median.
///
/// A quarter of the values, rounded down, is cut at each end. Equals `scipy.stats.trim_mean` with
/// `proportiontocut=0.25`.
///
/// Source: Agarwal et al., arXiv 2108.13264, section 4.3.
public enum InterquartileMean {
  /// The interquartile mean of values.
  ///
  /// - Returns: `nil` of no values, or if a value is not a number.
  public static func value(_ sample: Sample) -> Double? {
    if sample.values.contains(where: \.isNaN) { return nil }
    let cut = sample.count / 4
    return Sample(Array(sample.values.sorted()[cut..<(sample.count - cut)])).mean
  }

  /// The interquartile mean of the runs on all tasks together.
  ///
  /// - Parameter tasks: Runs of a method, one sample a task, in a unit that all tasks share.
  /// - Returns: `nil` of no values, or if a value is not a number.
  public static func value(overTasks tasks: [Sample]) -> Double? {
    value(Sample(tasks.flatMap(\.values)))
  }

  /// The interval of the interquartile mean over tasks, by resampling runs within each task.
  ///
  /// - Parameters:
  ///   - tasks: Runs of a method, one sample a task.
  ///   - bootstrap: Key and number of resamples.
  ///   - confidence: Between 0 and 1, both excluded.
  /// - Returns: `nil` if a task has no runs, a value is not a number, or a parameter is out of
  ///   range.
  public static func interval(
    overTasks tasks: [Sample], bootstrap: Bootstrap, confidence: Double = 0.95
  ) -> Interval? {
    bootstrap.percentileInterval(ofStrata: tasks, confidence: confidence, statistic: value)
  }
}
