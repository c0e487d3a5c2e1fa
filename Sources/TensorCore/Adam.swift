import CKernels
import OperationCosts

/// Adam, in one pass over the flat buffer.
///
///     g = gradient + weightDecay · w
///     m = β₁ m + (1 - β₁) g;   v = β₂ v + (1 - β₂) g²
///     w -= learningRate / (1 - β₁ᵗ) · m / (√(v / (1 - β₂ᵗ)) + ε)
///
/// Source: Kingma & Ba, arXiv 1412.6980, Algorithm 1, with weight decay in the gradient as PyTorch
/// and DARTS (arXiv 1806.09055) have it; what ε is added to is a matter of convention.
public final class Adam: Optimizer {
  /// What ε is added to.
  public enum EpsilonConvention: String, CaseIterable, Sendable {
    /// The root of the mean square that is corrected for its start at zero: Algorithm 1 of the
    /// paper, and PyTorch.
    case algorithm1
    /// The root of the mean square as it stands: "ε̂" of the paper's section 2.1, and TensorFlow.
    /// In Algorithm 1's terms this is ε / √(1 - β₂ᵗ), which is larger in the first steps.
    case hat
  }

  /// β₁ and β₂: shares of the mean gradient and mean square that are kept.
  public let decays: (mean: Float, square: Float)
  /// ε, added to the root of the mean square.
  public let epsilon: Float
  /// Whether that root is corrected when ε is added.
  public let convention: EpsilonConvention
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
    epsilon: Float = 1e-8, convention: EpsilonConvention = .algorithm1, weightDecay: Float = 0,
    in context: ComputeContext
  ) {
    self.parameters = parameters
    self.decays = decays
    self.epsilon = epsilon
    self.convention = convention
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
    let root = 1 / (1 - powers.square).squareRoot()
    // (√v + ε) / √(1 - β₂ᵗ) is √v / √(1 - β₂ᵗ) + ε / √(1 - β₂ᵗ).
    let epsilon = convention == .hat ? Float(Double(epsilon) * root) : epsilon
    context.kernels.adam(
      context.pool, parameters.count, weights, gradients, mean.floats, square.floats,
      Float(Double(learningRate) / (1 - powers.mean)), decays.mean, decays.square, epsilon,
      weightDecay, Float(root))
  }

  /// Canonical cost of a step: 13 operations and 7 floats moved a parameter, 2 and 1 more where the
  /// gradient is clipped before it; one logical operation a parameter tensor.
  public static func operations(
    _ parameters: Parameters, clips: Bool = false
  ) -> [LogicalOperation] {
    parameters.trainable.map { parameter in
      LogicalOperation(
        .memoryBound, flops: (clips ? 15 : 13) * parameter.count,
        bytes: 4 * (clips ? 8 : 7) * parameter.count)
    }
  }
}
