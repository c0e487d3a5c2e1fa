import ArgumentParser
import Foundation
import Performance
import TensorCore

/// `searchlight bench`: times steps of training and inference.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time a step of training or inference on synthetic images.",
    discussion: """
      Prints one JSON line: median and least time of a step, images a second, parameters,
      canonical FLOPs and bytes of a step, and the memory held.

      Workloads: \(Workload.all.map { $0.name }.joined(separator: ", ")).

      Example:
        searchlight bench resnet20 --threads 2 --batch 128 --steps 15
      """)

  @Argument(help: "The workload to time.")
  var workload: String

  @Option(help: "Threads that compute.")
  var threads = 1

  @Option(help: "Images of a step; the workload's own number by default.")
  var batch: Int?

  @Option(help: "Steps that are timed.")
  var steps = 9

  @Option(help: "Steps before them; the first one touches fresh memory.")
  var warmup = 2

  @Option(help: "Code that multiplies matrices: openblas, native or openblas-all.")
  var blas: BLASBackend = .openBLAS

  @Option(help: "Kernels: avx512, avx2 or generic; the processor's best by default.")
  var isa: InstructionSet?

  func validate() throws {
    for (name, value) in [("--threads", threads), ("--steps", steps), ("--warmup", warmup)]
    where value < 1 {
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
    let context = try ComputeContext(threads: threads, instructionSet: isa, blas: blas)
    let batch = batch ?? workload.defaultBatch
    let timing = try workload.time(
      in: context, batch: batch, warmup: warmup, steps: steps,
      clock: { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 })
    let sorted = timing.stepMilliseconds.sorted()
    let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    let rate = 1000 * Double(batch * workload.itemsPerMember) / median
    let line = BenchLine(
      workload: workload.name, threads: threads, batch: batch, steps: steps,
      stepMedian: median, stepMinimum: sorted[0],
      imagesPerSecond: workload.item == .images ? rate : nil,
      tokensPerSecond: workload.item == .tokens ? rate : nil,
      parameters: timing.parameters, flops: timing.flops, bytes: timing.bytes,
      gigaflopsPerSecond: Double(timing.flops) / (1e6 * median),
      kernelFlops: timing.kernelFlops, memoryBytes: timing.memoryBytes,
      isa: context.instructionSet.rawValue, blas: blas.rawValue, blasKernel: OpenBLAS.kernel)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(line), as: UTF8.self))
  }
}

/// The line that `bench` prints, with the field names of the peer's benchmark.
private struct BenchLine: Encodable {
  let workload: String
  let threads: Int
  let batch: Int
  let steps: Int
  let stepMedian: Double
  let stepMinimum: Double
  let imagesPerSecond: Double?
  let tokensPerSecond: Double?
  let parameters: Int
  let flops: Int
  let bytes: Int
  let gigaflopsPerSecond: Double
  let kernelFlops: Int
  let memoryBytes: Int
  let isa: String
  let blas: String
  let blasKernel: String

  enum CodingKeys: String, CodingKey {
    case workload, threads, batch, steps, flops, bytes, isa, blas
    case stepMedian = "step_ms_median"
    case stepMinimum = "step_ms_min"
    case imagesPerSecond = "images_per_s"
    case tokensPerSecond = "tokens_per_s"
    case parameters = "params"
    case gigaflopsPerSecond = "gflops_per_s"
    case kernelFlops = "kernel_flops"
    case memoryBytes = "memory_bytes"
    case blasKernel = "openblas_kernel"
  }
}

extension BLASBackend: ExpressibleByArgument {}
extension InstructionSet: ExpressibleByArgument {}
