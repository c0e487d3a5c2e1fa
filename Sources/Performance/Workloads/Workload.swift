import OperationCosts
import TensorCore

/// A step of training or inference on fixed synthetic input, to be timed.
///
/// The networks are the ones that the suite trains and searches with, and a training step is a
/// whole one: forward, loss, backward and optimizer.
public struct Workload: Sendable {
  /// What a batch is made of.
  public enum Item: String, Sendable {
    case images, tokens
  }

  /// Stable id: `resnet20`, `resnet20-infer`.
  public let name: String
  /// Images or sequences of a step unless another number is asked for.
  public let defaultBatch: Int
  public let item: Item
  /// Items of one of the batch's members: 1 for images, the number of time steps for sequences.
  public let itemsPerMember: Int
  private let begin: @Sendable (ComputeContext, Int) throws -> any WorkloadSession

  /// - Parameter begin: Makes the network and its input for a batch of this size.
  init(
    _ name: String, defaultBatch: Int, item: Item = .images, itemsPerMember: Int = 1,
    begin: @escaping @Sendable (ComputeContext, Int) throws -> any WorkloadSession
  ) {
    self.name = name
    self.defaultBatch = defaultBatch
    self.item = item
    self.itemsPerMember = itemsPerMember
    self.begin = begin
  }

  /// All workloads, sorted by name.
  public static let all: [Workload] = (referenceNetworks + cellNetworks + languageModels).sorted {
    $0.name < $1.name
  }

  /// Makes the network and its input, ready to step.
  ///
  /// - Parameter batch: Images or sequences of a step, at least 1.
  public func session(in context: ComputeContext, batch: Int) throws -> any WorkloadSession {
    try begin(context, batch)
  }

  /// Times steps.
  ///
  /// - Parameters:
  ///   - batch: Images or sequences of a step, at least 1.
  ///   - warmup: Steps before the timed ones; at least 1, since the first touches fresh memory.
  ///   - usage: What the process has used, read before and after each step.
  public func time(
    in context: ComputeContext, batch: Int, warmup: Int, steps: Int, usage: () -> ProcessUsage
  ) throws -> WorkloadTiming {
    let session = try session(in: context, batch: batch)
    let operations = session.operations
    var timed: [ProcessUsage] = []
    let counted = context.counters.flops
    for step in 0..<warmup + steps {
      let start = usage()
      _ = session.step()
      if step >= warmup { timed.append(usage() - start) }
    }
    return WorkloadTiming(
      steps: timed, parameters: session.parameters.count,
      flops: operations.reduce(0) { $0 + $1.flops },
      bytes: operations.reduce(0) { $0 + $1.bytes },
      kernelFlops: (context.counters.flops - counted) / (warmup + steps),
      memoryBytes: context.memoryBytes)
  }
}

/// A workload with its network and input made.
public protocol WorkloadSession: AnyObject {
  /// All weights, the auxiliary head's among them.
  var parameters: Parameters { get }

  /// The logical operations of one step, optimizer included.
  var operations: [LogicalOperation] { get }

  /// Does one whole step.
  ///
  /// - Returns: The mean loss before the optimizer moved the weights.
  func step() -> Double
}
