import OperationCosts
import SearchCore
import TensorCore

/// How weights follow their gradients: an optimizer that has no weights yet.
public enum UpdateRule: Hashable, Sendable {
  case gradientDescent(
    momentum: Double, isNesterov: Bool, weightDecay: Double, gradientClip: Double?)
  /// Adam (Kingma & Ba, arXiv 1412.6980), with decay in the gradient.
  case adam(meanDecay: Double, squareDecay: Double, epsilon: Double, weightDecay: Double)
  /// Gradient descent whose weights are averaged, once told to, for evaluation.
  case averaged(weightDecay: Double, gradientClip: Double?)

  /// What a recipe says.
  public init(_ numbers: TrainingProtocol) {
    switch numbers.optimizer {
    case .adam:
      self = .adam(
        meanDecay: numbers.momentum, squareDecay: 0.999, epsilon: 1e-8,
        weightDecay: numbers.weightDecay)
    case .gradientDescent where numbers.text?.averagingTrigger != nil:
      self = .averaged(weightDecay: numbers.weightDecay, gradientClip: numbers.gradientClip)
    case .gradientDescent:
      self = .gradientDescent(
        momentum: numbers.momentum, isNesterov: numbers.nesterov,
        weightDecay: numbers.weightDecay, gradientClip: numbers.gradientClip)
    }
  }

  /// Numbers kept beside each weight and its gradient.
  var statesPerParameter: Int {
    switch self {
    case .gradientDescent, .averaged: 1
    case .adam: 2
    }
  }

  /// The optimizer of some parameters, which are allocated.
  func optimizer(of parameters: Parameters, in context: ComputeContext) -> any Optimizer {
    switch self {
    case .gradientDescent(let momentum, let isNesterov, let weightDecay, let clip):
      SGD(
        parameters, momentum: Float(momentum), isNesterov: isNesterov,
        weightDecay: Float(weightDecay), clipNorm: clip.map { Float($0) }, in: context)
    case .adam(let mean, let square, let epsilon, let weightDecay):
      Adam(
        parameters, decays: (Float(mean), Float(square)), epsilon: Float(epsilon),
        weightDecay: Float(weightDecay), in: context)
    case .averaged(let weightDecay, let clip):
      AveragedSGD(
        parameters, weightDecay: Float(weightDecay), clipNorm: clip.map { Float($0) },
        in: context)
    }
  }

  /// Canonical cost of an update.
  func operations(_ parameters: Parameters) -> [LogicalOperation] {
    switch self {
    case .gradientDescent(_, _, _, let clip): SGD.operations(parameters, clips: clip != nil)
    case .adam: Adam.operations(parameters)
    case .averaged(_, let clip): AveragedSGD.operations(parameters, clips: clip != nil)
    }
  }
}
