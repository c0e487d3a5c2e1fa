import CKernels
import OperationCosts

/// Adam, in one pass over the flat buffer.
///
///     g = gradient + weightDecay · w
///     m = β₁ m + (1 - β₁) g;   v = β₂ v + (1 - β₂) g²
///     w -= learningRate / (1 - β₁ᵗ) · m / (√(v / (1 - β₂ᵗ)) + ε)
///
/// Source: Kingma & Ba, arXiv 1412.6980, Algorithm 1, with weight decay in the gradient as PyTorch
/// and DARTS (arXiv 1806.09055) have it.
public final class Adam: Optimizer {
  /// β₁ and β₂: shares of the mean gradient and mean square that are kept.
  public let decays: (mean: Float, square: Float)
  /// ε, added to the root of the mean square.
  public let epsilon: Float
  public let weightDecay: Float
  /// Updates made; t in the paper.
  public private(set) var steps = 0
  private let parameters: Parameters
  private let mean: Storage
  private let square: Storage
  private let context: ComputeContext
  // β₁ᵗ and β₂ᵗ.
  private var powers = (mean: 1.0, square: 1.0)

  /// Starts with zero moments; the default ε is the paper's.
  public init(
    _ parameters: Parameters, decays: (mean: Float, square: Float) = (0.9, 0.999),
    epsilon: Float = 1e-8, weightDecay: Float = 0, in context: ComputeContext
  ) {
    self.parameters = parameters
    self.decays = decays
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.context = context
    let count = max(1, parameters.count)
    mean = Storage(count: count, arena: context.arena)
    square = Storage(count: count, arena: context.arena)
    for moment in [mean, square] { moment.floats.update(repeating: 0, count: count) }
  }

  /// Moments of all parameters, in the order of declaration; what a checkpoint keeps, with the
  /// number of steps.
  public var flatMoments:
    (mean: UnsafeMutableBufferPointer<Float>, square: UnsafeMutableBufferPointer<Float>)
  {
    func buffer(_ storage: Storage) -> UnsafeMutableBufferPointer<Float> {
      UnsafeMutableBufferPointer(start: storage.floats, count: parameters.count)
    }
    return (buffer(mean), buffer(square))
  }

  public var arrays: [(name: String, values: UnsafeMutableBufferPointer<Float>)] {
    [("mean", flatMoments.mean), ("square", flatMoments.square)]
  }

  /// Goes on from a checkpoint, whose moments are copied in beside this.
  ///
  /// - Parameter steps: Updates made, at least 0.
  public func resume(after steps: Int) {
    self.steps = steps
    powers = (1, 1)
    // One by one, as the steps have rounded.
    for _ in 0..<steps {
      powers.mean *= Double(decays.mean)
      powers.square *= Double(decays.square)
    }
  }

  /// Moves every parameter against its gradient.
  public func step(learningRate: Float) {
    guard parameters.count > 0, let weights = parameters.flatValues?.baseAddress,
      let gradients = parameters.flatGradients?.baseAddress
    else { return }
    steps += 1
    powers.mean *= Double(decays.mean)
    powers.square *= Double(decays.square)
    context.kernels.adam(
      context.pool, parameters.count, weights, gradients, mean.floats, square.floats,
      Float(Double(learningRate) / (1 - powers.mean)), decays.mean, decays.square, epsilon,
      weightDecay, Float(1 / (1 - powers.square).squareRoot()))
  }

  /// Canonical cost of a step: 13 operations and 7 floats moved a parameter; one logical operation
  /// a parameter tensor.
  public static func operations(_ parameters: Parameters) -> [LogicalOperation] {
    parameters.trainable.map { parameter in
      LogicalOperation(
        .memoryBound, flops: 13 * parameter.count, bytes: 4 * 7 * parameter.count)
    }
  }
}
