import SearchCore
import TensorCore

/// A language model of long short-term memory layers between an embedding and a decoder.
///
/// Names of parameters are those of a PyTorch module with `embed`, `lstm` and `decoder`; matrices
/// are `[in, out]` here. Where the recipe has no bound for all, initial values are PyTorch's: the
/// embedding normal, the rest uniform in ±1/√units; there are two biases, as PyTorch has them.
///
/// Source: Zaremba et al. 2014, arXiv 1409.2329: dropout reaches the embedded words, what goes from
/// layer to layer and the output, never the recurrence. With word dropout, weight dropout, tied
/// embeddings and penalties: AWD-LSTM (Merity et al. 2018, arXiv 1708.02182), whose last layer is
/// as wide as the embedding.
public final class LSTMLanguageModel: LanguageModel {
  private let model: RecurrentLanguageModel

  /// Declares the network.
  ///
  /// - Parameter words: Size of the vocabulary.
  public init(words: Int, training: TextTraining) {
    model = RecurrentLanguageModel(
      words: words, training: training,
      initializers: .init(
        embedding: .normal(deviation: 1), decoder: .uniformFanIn(training.hidden),
        bias: .uniformFanIn(training.hidden))
    ) { place, parameters in LSTMLayer(place, training, parameters) }
  }

  public var parameters: Parameters { model.parameters }

  public func initialState(batch: Int, on tape: Tape) -> [Tensor] {
    model.initialState(batch: batch, on: tape)
  }

  public func score(
    _ text: TextBatch, from state: [Tensor], on tape: Tape, during pass: TrainingPass?
  ) -> LanguageScore {
    model.score(text, from: state, on: tape, during: pass)
  }
}

/// A layer that carries its output and its cell.
private struct LSTMLayer: RecurrentLayer {
  let units: Int
  let stateCount = 2
  private let weights: LSTMWeights
  private let weightDropout: Double
  private let parameters: Parameters

  init(_ place: RecurrentLanguageModel.Place, _ training: TextTraining, _ parameters: Parameters) {
    let (units, layer) = (place.units, place.index)
    func declare(_ name: String, _ sizes: [Int]) -> Parameter {
      parameters.declare(
        "lstm.\(name)_l\(layer)", sizes, training.initializer(or: .uniformFanIn(units)))
    }
    weights = LSTMWeights(
      input: declare("weight_ih", [place.inputs, 4 * units]),
      hidden: declare("weight_hh", [units, 4 * units]),
      inputBias: declare("bias_ih", [4 * units]), hiddenBias: declare("bias_hh", [4 * units]))
    weightDropout = training.weightDropout
    (self.units, self.parameters) = (units, parameters)
  }

  func run(
    _ input: Tensor, from state: [Tensor], on tape: Tape, during pass: TrainingPass?
  ) -> (output: Tensor, state: [Tensor]) {
    let mask = pass.flatMap { pass in
      weightDropout > 0
        ? tape.dropoutMask(
          Shape(rows: units, columns: 4 * units), keep: Float(1 - weightDropout),
          key: pass.key.child("weight")) : nil
    }
    let (output, last) = tape.lstm(
      input, from: LSTMState(output: state[0], cell: state[1]), weights, hiddenMask: mask,
      of: parameters)
    return (output, [last.output, last.cell])
  }
}
