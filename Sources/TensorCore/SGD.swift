import CKernels
import OperationCosts

/// Stochastic gradient descent with momentum, weight decay and clipping, in one pass over the flat
/// buffer.
///
///     g = clip(gradient) + weightDecay · w
///     m = momentum · m + g
///     w -= learningRate · (nesterov ? g + momentum · m : m)
///
/// as PyTorch has it; Sutskever et al. (ICML 2013) put the learning rate inside the momentum.
public final class SGD {
  public let momentum: Float
  public let isNesterov: Bool
  public let weightDecay: Float
  /// Largest norm of the gradient; a longer one is scaled down to it. `nil` for no clipping.
  public let clipNorm: Float?
  private let parameters: Parameters
  private let momenta: Storage
  private let context: ComputeContext

  public init(
    _ parameters: Parameters, momentum: Float, isNesterov: Bool, weightDecay: Float,
    clipNorm: Float?, in context: ComputeContext
  ) {
    self.parameters = parameters
    self.momentum = momentum
    self.isNesterov = isNesterov
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    self.context = context
    momenta = Storage(count: max(1, parameters.count), arena: context.arena)
    momenta.floats.update(repeating: 0, count: max(1, parameters.count))
  }

  /// Momenta of all parameters, in the order of declaration; what a checkpoint keeps.
  public var flatMomenta: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: momenta.floats, count: parameters.count)
  }

  /// Moves every parameter against its gradient.
  public func step(learningRate: Float) {
    let count = parameters.count
    guard count > 0, let weights = parameters.flatValues?.baseAddress,
      let gradients = parameters.flatGradients?.baseAddress
    else { return }
    var scale: Float = 1
    if let clipNorm {
      // PyTorch adds 1e-6 to the norm.
      let norm = context.kernels.sum_of_squares(context.pool, count, gradients).squareRoot()
      scale = min(1, Float(Double(clipNorm) / (norm + 1e-6)))
    }
    context.kernels.sgd(
      context.pool, count, weights, gradients, momenta.floats, learningRate, momentum,
      isNesterov ? 1 : 0, weightDecay, scale)
  }

  /// Canonical cost of a step: 6 operations and 5 floats moved a parameter, 2 and 1 more for
  /// clipping; one logical operation a parameter tensor.
  public static func operations(_ parameters: Parameters, clips: Bool) -> [LogicalOperation] {
    parameters.trainable.map { parameter in
      LogicalOperation(
        .memoryBound, flops: (clips ? 8 : 6) * parameter.count,
        bytes: 4 * (clips ? 6 : 5) * parameter.count)
    }
  }
}
