import NeuralNetworks
import TensorCore

/// What a language model carries from one stretch of text to the next; part of a checkpoint.
package final class CarriedState {
  /// A matrix for each of the model's.
  package let values = Parameters()

  /// Declares zeros.
  ///
  /// - Parameter name: What tells it from a search's others.
  init(_ name: String, of model: any LanguageModel, batch: Int) {
    for (index, matrix) in model.initialState(batch: batch, on: .dry(isTraining: false))
      .enumerated()
    {
      _ = values.declare(
        "\(name).\(index)", [matrix.shape.batch, matrix.shape.channels], .constant(0))
    }
  }

  /// The matrices on a tape.
  ///
  /// - Parameter isFresh: Whether nothing was before: zeros.
  func tensors(on tape: Tape, isFresh: Bool) -> [Tensor] {
    values.trainable.map { matrix in
      let shape = Shape(rows: matrix.sizes[0], columns: matrix.sizes[1])
      return isFresh ? tape.zeros(shape) : tape.constant(values.values(of: matrix), shape)
    }
  }

  /// Keeps what a stretch has left.
  func keep(_ state: [Tensor]) {
    for (matrix, found) in zip(values.trainable, state) {
      values.assign(found.values(), to: matrix)
    }
  }
}
