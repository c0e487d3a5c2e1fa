import ArgumentParser
import Charts
import Foundation
import Performance
import TensorCore

/// `searchlight bench`: how fast the tensor core is on this machine.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time a step of training, search or inference on synthetic input.",
    discussion: """
      Example:
        searchlight bench resnet20 --threads 2 --batch 128 --steps 15

      `Benchmarks/compare-peers` runs it in turn with PyTorch.
      """,
    subcommands: [
      BenchStep.self, BenchList.self, BenchKernels.self, BenchProducts.self, BenchCompare.self,
    ],
    defaultSubcommand: BenchStep.self)
}

/// Where the kernels of a command run.
struct KernelOptions: ParsableArguments {
  @Option(help: "Threads that compute.")
  var threads = 1

  @Option(help: "Code that multiplies matrices: native, openblas or openblas-all.")
  var blas: BLASBackend = .standard

  @Option(help: "Kernels: avx512, avx2 or generic; the processor's best by default.")
  var isa: InstructionSet?

  func validate() throws {
    if threads < 1 { throw ValidationError("--threads is \(threads); at least 1 expected") }
  }

  func context() throws -> ComputeContext {
    try ComputeContext(threads: threads, instructionSet: isa, blas: blas)
  }

  /// In a context of its own, whose arrays are no part of a workload's memory.
  func limits() throws -> MachineLimits { MachineLimits(of: try context(), clock: Self.clock) }

  static func clock() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
}

/// `searchlight bench WORKLOAD`: one line of JSON.
struct BenchStep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "Time a workload's steps (what `bench WORKLOAD` does).",
    discussion: """
      Prints one JSON line: median and least time of a step, items a second, weights, canonical
      FLOPs and bytes of a step, GFLOP/s and their share of the peak measured beside it, and the
      most memory held.

      Workloads: \(Workload.all.map { $0.name }.joined(separator: ", ")).

      Example:
        searchlight bench resnet20 --threads 2 --batch 128 --steps 15
      """)

  @Argument(help: "The workload to time.")
  var workload: String

  @OptionGroup var kernels: KernelOptions

  @Option(help: "Images or sequences of a step; the workload's own number by default.")
  var batch: Int?

  @Option(help: "Steps that are timed.")
  var steps = 9

  @Option(help: "Steps before them; the first one touches fresh memory.")
  var warmup = 2

  func validate() throws {
    for (name, value) in [("--steps", steps), ("--warmup", warmup)] where value < 1 {
      throw ValidationError("\(name) is \(value); at least 1 expected")
    }
    guard (1...65536).contains(batch ?? 1) else {
      throw ValidationError("--batch is \(batch ?? 0); 1 to 65536 expected")
    }
  }

  func run() throws {
    guard let workload = Workload.all.first(where: { $0.name == workload }) else {
      let names = Workload.all.map { $0.name }.joined(separator: ", ")
      throw ValidationError("no workload '\(workload)'; expected one of \(names)")
    }
    try Relaunch.withOpenBLASKernel()
    let limits = try kernels.limits()
    let context = try kernels.context()
    let batch = batch ?? workload.defaultBatch
    let timing = try workload.time(
      in: context, batch: batch, warmup: warmup, steps: steps, usage: Self.usage)
    // Once before and once behind: a single measurement may fall into a slow moment.
    let bestLimits = limits.joined(with: try kernels.limits())
    Output.line(
      try Self.json(
        BenchLine(workload, batch: batch, timing: timing, in: context, limits: bestLimits)))
  }

  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func usage() -> ProcessUsage {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + 1e-6 * Double(time.tv_usec) }
    return ProcessUsage(
      seconds: KernelOptions.clock(),
      cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      pageFaults: usage.ru_minflt + usage.ru_majflt)
  }
}

/// `searchlight bench list`: the names, on one line.
struct BenchList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Print the names of the workloads.")

  func run() { Output.line(Workload.all.map { $0.name }.joined(separator: " ")) }
}

/// `searchlight bench kernels`: each kernel against the roofline.
struct BenchKernels: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Time convolution and pooling kernels, one JSON line each.",
    discussion: """
      Example:
        searchlight bench kernels --threads 2 --draw roofline.png
        searchlight bench kernels --beside avx2
      """)

  @OptionGroup var kernels: KernelOptions

  @Option(help: "Launches of each kernel, of which the fastest counts.")
  var rounds = 7

  @Option(help: "Launch each in turn with these kernels too: avx512, avx2 or generic.")
  var beside: InstructionSet?

  @Option(help: "Draw the roofline into this .pdf, .svg or .png.")
  var draw: String?

  func validate() throws {
    if rounds < 1 { throw ValidationError("--rounds is \(rounds); at least 1 expected") }
    _ = try draw.map(ChartFile.init)
  }

  func run() throws {
    // Before the minutes that it takes.
    try draw.map(GivenFile.init)?.check()
    try Relaunch.withOpenBLASKernel()
    let limits = try kernels.limits()
    var contexts = [try kernels.context()]
    if let beside {
      contexts.append(
        try ComputeContext(threads: kernels.threads, instructionSet: beside, blas: kernels.blas))
    }
    let both = KernelTiming.all(in: contexts, rounds: rounds, clock: KernelOptions.clock)
    if let draw {
      let limits = limits.joined(with: try kernels.limits())
      try ChartFile(draw).write(roofline(of: both.map { $0[0] }, limits))
    }
    // Last, for nobody may read what is printed to its end.
    for timing in both {
      Output.line(
        timing.count == 1
          ? try BenchStep.json(timing[0])
          : try BenchStep.json(PairedTiming(first: timing[0], beside: timing[1])))
    }
  }

  private func roofline(of timings: [KernelTiming], _ limits: MachineLimits) -> RooflineChart {
    RooflineChart(
      title: "Kernels against the roofline, batch 64, "
        + (kernels.threads == 1 ? "1 thread" : "\(kernels.threads) threads"),
      kernels: timings.map {
        RooflineChart.Kernel(
          family: $0.family, isGradient: $0.isGradient, intensity: $0.intensity,
          speed: $0.gigaflopsPerSecond)
      }, peak: limits.gigaflopsPerSecond, bandwidth: limits.memoryGigabytesPerSecond,
      notes: [
        "Peak and memory bandwidth were measured in the same run. Data that fit into the caches "
          + "move faster than the memory's line; dense convolutions pass the peak where minimal "
          + "filtering needs fewer operations than their definition, by which they are counted."
      ])
  }
}

/// A kernel of two instruction sets.
private struct PairedTiming: Encodable {
  let name: String
  let gradient: Bool
  let seconds: Double
  let besideSeconds: Double
  /// How many times as long the second takes.
  let ratio: Double

  enum CodingKeys: String, CodingKey {
    case name, gradient, seconds, ratio
    case besideSeconds = "beside_seconds"
  }

  init(first: KernelTiming, beside: KernelTiming) {
    name = first.family + " " + first.name
    gradient = first.isGradient
    (seconds, besideSeconds) = (first.seconds, beside.seconds)
    ratio = beside.seconds / first.seconds
  }
}

/// `searchlight bench products`: our matrix products against OpenBLAS's.
struct BenchProducts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "products",
    abstract: "Time every matrix product of the recurrent networks, natively and by OpenBLAS.",
    discussion: """
      One JSON line each: GFLOP/s of the native kernel, of OpenBLAS with our split of the work by
      rows and columns, and of OpenBLAS split by rows alone.

      Example:
        searchlight bench products --threads 2
      """)

  @OptionGroup var kernels: KernelOptions

  @Option(help: "Launches of each, of which the fastest counts.")
  var rounds = 7

  func validate() throws {
    if rounds < 1 { throw ValidationError("--rounds is \(rounds); at least 1 expected") }
  }

  func run() throws {
    try Relaunch.withOpenBLASKernel()
    let timings = ProductTiming.all(
      in: try kernels.context(), rounds: rounds, clock: KernelOptions.clock)
    for timing in timings { Output.line(try BenchStep.json(timing)) }
  }
}

extension BLASBackend: ExpressibleByArgument {}
extension InstructionSet: ExpressibleByArgument {}
