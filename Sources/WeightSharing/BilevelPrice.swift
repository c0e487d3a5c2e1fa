import NeuralNetworks
import OperationCosts
import SearchCore
import SearchSpaces
import TensorCore

/// What a step of DARTS is charged: the passes that its algorithm names, and its updates.
///
/// First order: forward and backward to α on a validation minibatch, Adam; forward and backward to
/// the weights on a training minibatch, SGD. Second order has before that a pass to the weights
/// (the virtual step), a pass to α and weights at the virtual weights in place of the pass to α,
/// and two passes to α on the training minibatch. The vector sums of the virtual and the two
/// displaced weights are charged as one element-wise operation a tensor each. The released first
/// order also computes the weights' gradients where it needs α's alone (`loss.backward()` in
/// architect.py); that is neither done nor charged here.
package struct BilevelPrice {
  private let supernet: any RelaxedNetwork
  private let clips: Bool
  private let isSecondOrder: Bool
  private let clipsTogether: Bool
  private let task: OneShotTask

  /// - Parameter clipsTogether: Whether the pass to the weights goes to α as well.
  package init(
    _ supernet: any RelaxedNetwork, clips: Bool, isSecondOrder: Bool, clipsTogether: Bool = false,
    in task: OneShotTask
  ) {
    self.supernet = supernet
    self.clips = clips
    self.isSecondOrder = isSecondOrder
    self.clipsTogether = clipsTogether
    self.task = task
  }

  /// The charge of one α and weight step.
  ///
  /// - Parameters:
  ///   - training: Images of the training minibatch; they alone count towards an epoch.
  ///   - validation: Images of the validation minibatch.
  func step(training: Int, validation: Int) -> Charge {
    task.device.charge(
      for: operations(training: training, validation: validation),
      examples: training + validation, trainingExamples: training)
  }

  /// The operations of such a step.
  package func operations(training: Int, validation: Int) -> [LogicalOperation] {
    let (weights, alphas) = (supernet.parameters, supernet.alphas)
    var operations: [LogicalOperation] = []
    if isSecondOrder {
      operations += pass(training, to: weights) + virtualStep
      operations += pass(validation, to: nil)
      operations += pass(training, to: alphas) + pass(training, to: alphas) + displacements
    } else {
      operations += pass(validation, to: alphas)
    }
    operations += Adam.operations(alphas)
    return operations + pass(training, to: clipsTogether ? nil : weights)
      + SGD.operations(weights, clips: clips)
  }

  /// Most bytes in use, with weights, gradients, momenta and the copies of second order.
  func peakBytes(examples: Int) -> Int {
    let tape = supernet.dryPass(
      examples, to: isSecondOrder || clipsTogether ? nil : supernet.parameters, in: task)
    tape.backward()
    return tape.peakBytes + (isSecondOrder ? 20 : 12) * supernet.parameters.count
  }

  private func pass(_ examples: Int, to parameters: Parameters?) -> [LogicalOperation] {
    supernet.dryPass(examples, to: parameters, in: task).operations
  }

  /// w' = w - ξ (μ buffer + gradient + decay w): six operations on four floats a weight.
  private var virtualStep: [LogicalOperation] { elementwise(flops: 6, floats: 4) }

  /// The norm of the gradient, w+, w- and the way back to w: two operations on three floats each.
  private var displacements: [LogicalOperation] {
    (0..<4).flatMap { _ in elementwise(flops: 2, floats: 3) }
  }

  private func elementwise(flops: Int, floats: Int) -> [LogicalOperation] {
    supernet.parameters.trainable.map {
      LogicalOperation(.memoryBound, flops: flops * $0.count, bytes: 4 * floats * $0.count)
    }
  }
}
