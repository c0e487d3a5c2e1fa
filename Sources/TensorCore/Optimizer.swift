/// What moves the weights of a network against their gradients.
public protocol Optimizer: AnyObject {
  /// Moves every parameter against its gradient.
  func step(learningRate: Float)

  /// Updates made.
  var steps: Int { get }

  /// What it remembers of each parameter, in the order of declaration and under a name: what a
  /// checkpoint keeps, with the number of steps.
  var arrays: [(name: String, values: UnsafeMutableBufferPointer<Float>)] { get }

  /// Goes on from a checkpoint, whose arrays are copied in beside this.
  ///
  /// - Parameter steps: Updates made, at least 0.
  func resume(after steps: Int)

  /// Exchanges the weights for those that are to be evaluated, or back: called in pairs. Most
  /// optimizers have no others.
  func exchangeEvaluatedWeights()
}

extension Optimizer {
  public func exchangeEvaluatedWeights() {}
}
