import Foundation

/// Where measured times come from; tests give their own.
public protocol RunClock {
  /// Seconds since any fixed moment, never going back.
  func monotonicSeconds() -> Double
  /// Processor time of this process over all threads, in seconds.
  func cpuSeconds() -> Double
  /// Whole seconds since 1970.
  func unixSeconds() -> Int
}

/// The operating system's clocks.
public struct SystemClock: RunClock, Sendable {
  /// Makes a clock.
  public init() {}

  public func monotonicSeconds() -> Double { seconds(CLOCK_MONOTONIC) }
  public func cpuSeconds() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }
  public func unixSeconds() -> Int { Int(seconds(CLOCK_REALTIME)) }

  private func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
