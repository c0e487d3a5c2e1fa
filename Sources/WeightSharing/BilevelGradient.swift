import TensorCore

/// The gradient of the validation loss by α, through the weights as they are or through one step
/// of theirs.
///
/// Source: Liu et al., arXiv 1806.09055, Eq. 6 to 8, with ε = 0.01 / ‖∇L_val‖, and the released
/// code's two `architect.py`.
package struct BilevelGradient {
  private let weights: Parameters
  private let alphas: Parameters
  /// Largest norm of the two gradients by the weights; `nil` for no clipping.
  private let clipNorm: Double?
  private let context: ComputeContext

  /// - Parameters:
  ///   - weights: Allocated, as α.
  ///   - clipNorm: Clips within the unrolled step, as the released recurrent search does and the
  ///     one for images does not.
  package init(
    weights: Parameters, alphas: Parameters, clipNorm: Double? = nil, in context: ComputeContext
  ) {
    self.weights = weights
    self.alphas = alphas
    self.clipNorm = clipNorm
    self.context = context
  }

  /// Scores a minibatch on a tape, which seeds the gradient of its loss.
  package typealias Loss = (Tape) -> BatchScore

  /// Leaves ∇L_val(w, α) in the gradient of α.
  package func firstOrder(validation: Loss) -> BatchScore {
    alphas.clearGradients()
    return pass(validation, to: alphas)
  }

  /// Leaves ∇L_val(w', α) - ξ (∇L_train(w⁺, α) - ∇L_train(w⁻, α)) / 2ε in the gradient of α; the
  /// weights are what they were, to the bit.
  ///
  /// w' = w - ξ (μ m + ∇L_train(w, α) + λ w) with the momentum buffer m; w± = w ± ε ∇L_val(w', α).
  /// Where gradients are clipped, both are before they are used, and the difference is multiplied
  /// by what ∇L_train would have to be multiplied by to have the largest norm: by more than 1 if it
  /// is shorter, as released.
  ///
  /// - Parameter step: ξ, at least 0.
  package func secondOrder(
    training: Loss, validation: Loss, optimizer: SGD, step: Float
  ) -> BatchScore {
    guard let values = weights.flatValues, let alphaGradients = alphas.flatGradients else {
      return BatchScore(loss: 0, wrong: 0, count: 0)
    }
    let saved = Array(values)
    weights.clearGradients()
    _ = pass(training, to: weights)
    let scale = clipGradients()
    if let gradient = weights.flatGradients {
      let momenta = optimizer.flatMomenta
      let (momentum, decay) = (optimizer.momentum, optimizer.weightDecay)
      for index in saved.indices {
        let kept = momenta.isEmpty ? 0 : momentum * momenta[index]
        values[index] = saved[index] - step * (kept + gradient[index] + decay * saved[index])
      }
    }
    weights.clearGradients()
    alphas.clearGradients()
    let score = pass(validation, to: nil)
    _ = clipGradients()
    let direct = Array(alphas.flatGradients ?? alphaGradients)
    let direction = weights.flatGradients.map(Array.init) ?? []
    let norm = direction.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard norm > 0, norm.isFinite else {
      restore(saved, to: values)
      return score
    }
    let epsilon = Float(0.01 / norm)
    let sides = [epsilon, -epsilon].map { displacement in
      for index in saved.indices { values[index] = saved[index] + displacement * direction[index] }
      alphas.clearGradients()
      _ = pass(training, to: alphas)
      return Array(alphas.flatGradients ?? alphaGradients)
    }
    restore(saved, to: values)
    let gradient = alphas.flatGradients ?? alphaGradients
    for index in direct.indices {
      let mixed = (sides[0][index] - sides[1][index]) / (2 * epsilon)
      gradient[index] = direct[index] - step * scale * mixed
    }
    return score
  }

  private func restore(_ saved: [Float], to values: UnsafeMutableBufferPointer<Float>) {
    for index in saved.indices { values[index] = saved[index] }
  }

  /// Clips the gradient of the weights.
  ///
  /// - Returns: The largest norm by the one that there was; 1 without clipping.
  private func clipGradients() -> Float {
    guard let clipNorm, let gradient = weights.flatGradients else { return 1 }
    let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    // PyTorch adds 1e-6 to the norm.
    let scale = Float(clipNorm / (norm + 1e-6))
    if scale < 1 { for index in gradient.indices { gradient[index] *= scale } }
    return scale
  }

  /// Runs forwards, and backwards to some parameters; `nil` for α and weights.
  package func pass(_ loss: Loss, to parameters: Parameters?) -> BatchScore {
    let tape = Tape(context, isTraining: true, differentiating: parameters)
    let score = loss(tape)
    tape.backward()
    return score
  }
}
