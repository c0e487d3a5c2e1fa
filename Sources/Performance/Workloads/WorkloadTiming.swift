import Statistics

/// What a process has used since any origin, or between two moments.
public struct ProcessUsage: Hashable, Sendable {
  /// Seconds on the wall, and of all the process's threads.
  public var seconds: Double
  public var cpuSeconds: Double
  /// First touches of memory pages.
  public var pageFaults: Int

  public init(seconds: Double, cpuSeconds: Double, pageFaults: Int) {
    self.seconds = seconds
    self.cpuSeconds = cpuSeconds
    self.pageFaults = pageFaults
  }

  static func - (end: ProcessUsage, start: ProcessUsage) -> ProcessUsage {
    ProcessUsage(
      seconds: end.seconds - start.seconds, cpuSeconds: end.cpuSeconds - start.cpuSeconds,
      pageFaults: end.pageFaults - start.pageFaults)
  }
}

/// What timing a workload gave.
public struct WorkloadTiming: Sendable {
  /// What each timed step used, in order.
  public let steps: [ProcessUsage]
  /// Trainable weights.
  public let parameters: Int
  /// Canonical floating-point operations and bytes of a step.
  public let flops: Int
  public let bytes: Int
  /// Floating-point operations that the matrix and convolution kernels of a step executed, padding
  /// included.
  public let kernelFlops: Int
  /// Bytes held by tensors, free blocks and scratch after the last step. Nothing is ever given
  /// back, so this is the most that was held.
  public let memoryBytes: Int

  /// Seconds of a step.
  public var median: Double { Sample(steps.map { $0.seconds }).quantile(0.5) ?? .nan }
  public var minimum: Double { steps.map { $0.seconds }.min() ?? .nan }
  /// Processor seconds of a step, all threads.
  public var cpuMedian: Double {
    Sample(steps.map { $0.cpuSeconds }).quantile(0.5) ?? .nan
  }
}
