import NeuralNetworks
import SearchSpaces
import TensorCore

/// The gradient of the validation loss by α, through the weights as they are or through one step
/// of theirs.
///
/// Source: Liu et al., arXiv 1806.09055, Eq. 6 to 8, with ε = 0.01 / ‖∇L_val‖.
package struct BilevelGradient {
  private let supernet: any RelaxedNetwork
  private let context: ComputeContext

  /// - Parameter supernet: Allocated.
  package init(_ supernet: any RelaxedNetwork, in context: ComputeContext) {
    self.supernet = supernet
    self.context = context
  }

  /// A minibatch that is put on a tape of each pass.
  package typealias Source = (Tape) -> Minibatch

  /// Leaves ∇L_val(w, α) in the gradient of α.
  package func firstOrder(validation: Source) -> BatchScore {
    supernet.alphas.clearGradients()
    return pass(validation, to: supernet.alphas)
  }

  /// Leaves ∇L_val(w', α) - ξ (∇L_train(w⁺, α) - ∇L_train(w⁻, α)) / 2ε in the gradient of α; the
  /// weights are what they were, to the bit.
  ///
  /// w' = w - ξ (μ m + ∇L_train(w, α) + λ w) with the momentum buffer m; w± = w ± ε ∇L_val(w', α).
  ///
  /// - Parameter step: ξ, at least 0.
  package func secondOrder(
    training: Source, validation: Source, optimizer: SGD, step: Float
  ) -> BatchScore {
    let (weights, alphas) = (supernet.parameters, supernet.alphas)
    guard let values = weights.flatValues, let alphaGradients = alphas.flatGradients else {
      return BatchScore(loss: 0, wrong: 0, count: 0)
    }
    let saved = Array(values)
    weights.clearGradients()
    _ = pass(training, to: weights)
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
      gradient[index] = direct[index] - step * mixed
    }
    return score
  }

  private func restore(_ saved: [Float], to values: UnsafeMutableBufferPointer<Float>) {
    for index in saved.indices { values[index] = saved[index] }
  }

  /// Runs the supernet forwards, and backwards to some parameters; `nil` for α and weights.
  package func pass(_ source: Source, to parameters: Parameters?) -> BatchScore {
    supernet.pass(source, to: parameters, in: context)
  }
}

extension Network {
  /// Runs forwards in training, and backwards to some parameters; `nil` for all.
  func pass(
    _ source: BilevelGradient.Source, to parameters: Parameters?, in context: ComputeContext
  ) -> BatchScore {
    let tape = Tape(context, isTraining: true, differentiating: parameters)
    let batch = source(tape)
    let (score, _) = score(batch.images, labels: batch.labels, on: tape)
    tape.backward()
    return score
  }

  /// Runs dry in training, and learns what a pass costs.
  func dryPass(_ examples: Int, to parameters: Parameters?, in task: OneShotTask) -> Tape {
    let tape = Tape.dry(isTraining: true, differentiating: parameters)
    let size = task.data.image
    let images = tape.empty(
      Shape(examples, size.height, size.width, size.channels), requiresGradient: false)
    _ = score(images, labels: [], on: tape)
    return tape
  }
}
