import OperationCosts
import SearchCore
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
  private let relaxation: any Relaxation
  private let clips: Bool
  private let isSecondOrder: Bool
  private let clipsTogether: Bool
  private let device: DeviceProfile

  /// - Parameter clipsTogether: Whether the pass to the weights goes to α as well.
  package init(
    _ relaxation: any Relaxation, clips: Bool, isSecondOrder: Bool, clipsTogether: Bool = false,
    on device: DeviceProfile
  ) {
    self.relaxation = relaxation
    self.clips = clips
    self.isSecondOrder = isSecondOrder
    self.clipsTogether = clipsTogether
    self.device = device
  }

  /// The charge of one α and weight step.
  ///
  /// - Parameters:
  ///   - training: Examples of the training minibatch; they alone count towards an epoch.
  ///   - validation: Examples of the validation minibatch.
  func step(training: Int, validation: Int) -> Charge {
    device.charge(
      for: operations(training: training, validation: validation),
      examples: training + validation, trainingExamples: training)
  }

  /// The operations of such a step.
  package func operations(training: Int, validation: Int) -> [LogicalOperation] {
    let (weights, alphas) = (relaxation.parameters, relaxation.alphas)
    var operations: [LogicalOperation] = []
    if isSecondOrder {
      operations += pass(training, to: weights) + clipping + virtualStep
      operations += pass(validation, to: nil) + clipping
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
    let tape = run(examples, to: isSecondOrder || clipsTogether ? nil : relaxation.parameters)
    tape.backward()
    return tape.peakBytes + (isSecondOrder ? 20 : 12) * relaxation.parameters.count
  }

  private func pass(_ examples: Int, to parameters: Parameters?) -> [LogicalOperation] {
    run(examples, to: parameters).operations
  }

  private func run(_ examples: Int, to parameters: Parameters?) -> Tape {
    let tape = Tape.dry(isTraining: true, differentiating: parameters)
    relaxation.price(examples: examples, on: tape)
    return tape
  }

  /// w' = w - ξ (μ buffer + gradient + decay w): six operations on four floats a weight.
  private var virtualStep: [LogicalOperation] { elementwise(flops: 6, floats: 4) }

  /// Within the unrolled step: norm and scaling, three operations on three floats a weight.
  private var clipping: [LogicalOperation] {
    relaxation.clipsWithin ? elementwise(flops: 3, floats: 3) : []
  }

  /// The norm of the gradient, w+, w- and the way back to w: two operations on three floats each.
  private var displacements: [LogicalOperation] {
    (0..<4).flatMap { _ in elementwise(flops: 2, floats: 3) }
  }

  private func elementwise(flops: Int, floats: Int) -> [LogicalOperation] {
    relaxation.parameters.trainable.map {
      LogicalOperation(.memoryBound, flops: flops * $0.count, bytes: 4 * floats * $0.count)
    }
  }
}
