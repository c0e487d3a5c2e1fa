import OperationCosts
import TensorCore

/// A device profile measured on this machine, and how well it foretells steps it has not seen.
public struct Calibration: Sendable {
  /// What the profile says of one workload, and what was measured.
  public struct Forecast: Codable, Hashable, Sendable {
    public let workload: String
    public let batch: Int
    /// Seconds of a step: by the profile, and the measured median.
    public let modelled: Double
    public let measured: Double
    public var ratio: Double { modelled / measured }
  }

  /// Rates over single kernels.
  public let profile: DeviceProfile
  public let limits: MachineLimits
  /// Whole steps: none of them was used for the rates.
  public let forecasts: [Forecast]

  /// The largest factor by which a forecast is wrong, in either direction; at least 1.
  public var heldOutFactor: Double {
    forecasts.map { max($0.ratio, 1 / $0.ratio) }.max() ?? 1
  }

  /// Measures rates with single kernels, then times whole steps.
  ///
  /// - Parameters:
  ///   - name: Id of the profile.
  ///   - rounds: Launches of each kernel, of which the fastest counts.
  ///   - workloads: Names and batches of the steps to foretell.
  ///   - usage: What the process has used.
  ///   - progress: Called with what is being measured.
  public init(
    name: String, in context: ComputeContext, rounds: Int, workloads: [(Workload, batch: Int)],
    usage: () -> ProcessUsage, progress: (String) -> Void
  ) throws {
    let clock = { usage().seconds }
    progress("peak and memory")
    limits = MachineLimits(of: context, clock: clock)
    progress("kernels")
    let timings = KernelTiming.all(in: context, rounds: rounds, clock: clock)
    profile = Self.profile(
      name: name, timings, launch: KernelTiming.launchSeconds(in: context, clock: clock),
      input: KernelTiming.inputSeconds(in: context, clock: clock), context: context)
    var forecasts: [Forecast] = []
    for (workload, batch) in workloads {
      progress(workload.name)
      let operations = try workload.session(in: context, batch: batch).operations
      // Synthetic input costs nothing to bring.
      let charge = profile.charge(for: operations, examples: 0, trainingExamples: 0)
      let timing = try workload.time(
        in: context, batch: batch, warmup: 1, steps: 3, usage: usage)
      forecasts.append(
        Forecast(
          workload: workload.name, batch: batch,
          modelled: Double(charge.referenceNanoseconds) / 1e9, measured: timing.median))
    }
    self.forecasts = forecasts
  }

  /// The rate of a class is its kernels' work together over their time together.
  private static func profile(
    name: String, _ timings: [KernelTiming], launch: Double, input: Double,
    context: ComputeContext
  ) -> DeviceProfile {
    func total(_ kind: OperationClass) -> (flops: Double, bytes: Double, seconds: Double) {
      timings.filter { $0.kind == kind }.reduce(into: (0, 0, 0)) {
        $0.0 += Double($1.flops)
        $0.1 += Double($1.bytes)
        $0.2 += $1.seconds
      }
    }
    var rates: [OperationClass: Double] = [:]
    for kind in OperationClass.allCases where kind != .memoryBound {
      let work = total(kind)
      rates[kind] = work.flops / work.seconds / 1e9
    }
    let moved = total(.memoryBound)
    return DeviceProfile(
      name: name, title: "this machine, \(context.threads) threads",
      gigaflopsPerSecond: rates, gigabytesPerSecond: moved.bytes / moved.seconds / 1e9,
      launchMicroseconds: 1e6 * launch, inputMicrosecondsPerExample: 1e6 * input,
      sources: [
        "measured by searchlight calibrate with \(context.threads) threads, "
          + "\(context.instructionSet.rawValue) kernels and BLAS \(context.blas.rawValue)"
      ])
  }
}
