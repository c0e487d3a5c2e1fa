import TensorCore

/// One timing of one workload, as `bench` prints it; the PyTorch peer's lines have the same names.
public struct BenchLine: Codable, Hashable, Sendable {
  public var workload: String
  public var threads: Int
  public var batch: Int
  public var steps: Int
  /// Milliseconds of a step.
  public var stepMedian: Double
  public var stepMinimum: Double
  /// Processor milliseconds of a step, all threads.
  public var cpuMedian: Double
  public var imagesPerSecond: Double?
  public var tokensPerSecond: Double?
  /// Trainable weights.
  public var parameters: Int
  /// Canonical floating-point operations and bytes of a step.
  public var flops: Int?
  public var bytes: Int?
  /// Canonical operations a second, in 1e9; and their share of the measured peak, in percent.
  public var gigaflopsPerSecond: Double?
  public var percentOfPeak: Double?
  public var limits: MachineLimits?
  /// Operations that the kernels executed, padding included.
  public var kernelFlops: Int?
  /// Most bytes held by tensors and scratch.
  public var peakMemoryBytes: Int?
  /// Page faults in all timed steps.
  public var pageFaults: Int?
  public var isa: String?
  public var blas: String?
  public var openBLASKernel: String?
  /// The peer's version; `nil` on our own lines.
  public var torchVersion: String?
  public var isChannelsLast: Bool?
  public var isLean: Bool?

  enum CodingKeys: String, CodingKey {
    case workload, threads, batch, steps, flops, bytes, isa, blas
    case stepMedian = "step_ms_median"
    case stepMinimum = "step_ms_min"
    case cpuMedian = "cpu_ms_median"
    case imagesPerSecond = "images_per_s"
    case tokensPerSecond = "tokens_per_s"
    case parameters = "params"
    case gigaflopsPerSecond = "gflops_per_s"
    case percentOfPeak = "percent_of_peak"
    case limits = "machine"
    case kernelFlops = "kernel_flops"
    case peakMemoryBytes = "peak_memory_bytes"
    case pageFaults = "page_faults"
    case openBLASKernel = "openblas_kernel"
    case torchVersion = "torch_version"
    case isChannelsLast = "channels_last"
    case isLean = "lean"
  }
}

extension BenchLine {
  /// What timing a workload in a context gave.
  public init(
    _ workload: Workload, batch: Int, timing: WorkloadTiming, in context: ComputeContext,
    limits: MachineLimits
  ) {
    let rate = Double(batch * workload.itemsPerMember) / timing.median
    let gigaflops = Double(timing.flops) / timing.median / 1e9
    self.init(
      workload: workload.name, threads: context.threads, batch: batch, steps: timing.steps.count,
      stepMedian: 1000 * timing.median, stepMinimum: 1000 * timing.minimum,
      cpuMedian: 1000 * timing.cpuMedian,
      imagesPerSecond: workload.item == .images ? rate : nil,
      tokensPerSecond: workload.item == .tokens ? rate : nil, parameters: timing.parameters,
      flops: timing.flops, bytes: timing.bytes, gigaflopsPerSecond: gigaflops,
      percentOfPeak: 100 * gigaflops / limits.gigaflopsPerSecond, limits: limits,
      kernelFlops: timing.kernelFlops, peakMemoryBytes: timing.memoryBytes,
      pageFaults: timing.steps.reduce(0) { $0 + $1.pageFaults },
      isa: context.instructionSet.rawValue, blas: context.blas.rawValue,
      openBLASKernel: OpenBLAS.kernel)
  }
}
