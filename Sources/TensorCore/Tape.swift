import CKernels
import Checks
import OperationCosts

/// The record of a computation, played backwards for gradients.
///
/// Define by run: each operation computes at once and puts down how its gradient flows, so the
/// architecture may change with every minibatch at no cost. A *dry* tape computes nothing and
/// takes no memory: it learns the shapes, the logical operations and the peak memory of a step,
/// from the same network code that trains.
public final class Tape {
  public let context: ComputeContext?
  /// Whether gradients will be wanted.
  public let isTraining: Bool
  /// Whether normalisation uses the batch's statistics (and moves the running ones) instead of the
  /// running ones: in training, and wherever paths through shared weights are scored, whose running
  /// statistics mix all paths.
  public let usesBatchStatistics: Bool

  private let arena: Arena
  private let differentiated: Parameters?
  private var pullbacks: [() -> Void] = []
  private var recorded: [LogicalOperation] = []
  private var used: [Parameter] = []

  /// Starts a tape that computes.
  ///
  /// - Parameter differentiated: The only parameters whose gradients are wanted; `nil` for all.
  ///   Work that serves other gradients alone is not done, nor charged.
  public init(
    _ context: ComputeContext, isTraining: Bool, differentiating differentiated: Parameters? = nil,
    usesBatchStatistics: Bool? = nil
  ) {
    self.context = context
    self.isTraining = isTraining
    self.usesBatchStatistics = usesBatchStatistics ?? isTraining
    self.differentiated = differentiated
    arena = context.arena
  }

  private init(
    isTraining: Bool, differentiating differentiated: Parameters?, usesBatchStatistics: Bool?
  ) {
    context = nil
    self.isTraining = isTraining
    self.usesBatchStatistics = usesBatchStatistics ?? isTraining
    self.differentiated = differentiated
    arena = Arena(isReal: false)
  }

  /// Starts a tape that only learns what a computation costs.
  public static func dry(
    isTraining: Bool, differentiating differentiated: Parameters? = nil,
    usesBatchStatistics: Bool? = nil
  ) -> Tape {
    Tape(
      isTraining: isTraining, differentiating: differentiated,
      usesBatchStatistics: usesBatchStatistics)
  }

  /// Whether the gradients of these parameters are wanted.
  ///
  /// - Parameter some: Those of them that the operation uses.
  func differentiates(_ parameters: Parameters, _ some: [Parameter?] = []) -> Bool {
    guard differentiated.map({ $0 === parameters }) ?? true, !parameters.areFixed(some) else {
      return false
    }
    if isDry { used += some.compactMap { $0 } }
    return true
  }

  public var isDry: Bool { context == nil }

  /// The logical operations so far; recorded by dry tapes only.
  public var operations: [LogicalOperation] { recorded }

  /// Parameters that would get a gradient, each once, in the order of their declaration; recorded
  /// by dry tapes only, of one network's operations.
  public var trained: [Parameter] {
    var seen: Set<Int> = []
    return used.filter { seen.insert($0.offset).inserted }.sorted { $0.offset < $1.offset }
  }

  /// Most bytes of tensors in use at once so far, gradients included; of dry tapes only.
  public var peakBytes: Int { arena.peakBytesInUse }

  // MARK: Tensors

  /// Makes a tensor whose values are yet to be written.
  public func empty(_ shape: Shape, requiresGradient: Bool) -> Tensor {
    check(
      shape.batch > 0 && shape.height > 0 && shape.width > 0 && shape.channels > 0,
      "empty: a tensor \(shape)")
    return Tensor(
      shape: shape, storage: Storage(count: shape.count, arena: arena),
      requiresGradient: requiresGradient)
  }

  /// Makes a tensor with these values, in `N, H, W, C` order.
  public func constant(_ values: [Float], _ shape: Shape, requiresGradient: Bool = false) -> Tensor
  {
    let tensor = empty(shape, requiresGradient: requiresGradient)
    if !isDry { tensor.assign(values) }
    return tensor
  }

  /// Floats that are no tensor: masks, indices, saved statistics.
  func scratch(_ count: Int) -> Storage { Storage(count: count, arena: arena) }

  func fill(_ tensor: Tensor, with value: Float) {
    compute { _ in
      for pixel in 0..<tensor.shape.pixels {
        (tensor.floats + pixel * tensor.pixelStride)
          .update(repeating: value, count: tensor.shape.channels)
      }
    }
  }

  // MARK: Recording

  /// Runs kernels; a dry tape does not.
  @inline(__always)
  func compute(_ body: (ComputeContext) -> Void) {
    if let context { body(context) }
  }

  /// Notes what an operation costs.
  func charge(_ operation: @autoclosure () -> LogicalOperation) {
    if isDry { recorded.append(operation()) }
  }

  /// Notes what an operation's gradient costs, if it will be computed.
  func chargeBackward(_ operation: @autoclosure () -> LogicalOperation) {
    if isDry && isTraining { recorded.append(operation()) }
  }

  /// Puts down how the gradient of `output` flows to the operation's inputs.
  ///
  /// The pullback runs only if a gradient arrived, which is dropped after it.
  func record(_ output: Tensor, pullback: @escaping (_ gradient: Tensor) -> Void) {
    guard isTraining && output.requiresGradient else { return }
    pullbacks.append {
      guard let gradient = output.gradient else { return }
      pullback(gradient)
      output.dropGradient()
    }
  }

  /// Puts down a step of the backward pass that no single output's gradient leads to.
  func record(_ step: @escaping () -> Void) {
    if isTraining { pullbacks.append(step) }
  }

  /// Plays the tape backwards, from a loss whose gradient has been seeded by its operation.
  ///
  /// What each operation saved is let go as it passes.
  public func backward() {
    check(isTraining, "backward: the tape was made for inference")
    while let pullback = pullbacks.popLast() { pullback() }
  }
}
