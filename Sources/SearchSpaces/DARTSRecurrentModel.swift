import NeuralNetworks
import SearchCore
import TensorCore

/// The DARTS language model: a recurrent cell between an embedding and a decoder, as released one
/// layer with the decoder tied to the embedding.
///
/// The cell is a found one, or the supernet in which every node reads all earlier states through
/// all functions, mixed by softmax(α), with states normalised by the statistics of the batch.
///
/// Source: Liu et al., arXiv 1806.09055, sections 2 and 3.2, and the released code; here statistics
/// are always the batch's, and none are kept for evaluation.
public final class DARTSRecurrentModel: LanguageModel {
  /// Nodes of the supernet's cell.
  public static let supernetNodes = 8

  /// α: one row an edge, by node, then by the state it reads; columns none, tanh, relu, sigmoid,
  /// identity. Empty for a found cell.
  public let alphas: Parameters
  private let model: RecurrentLanguageModel

  /// Declares the network.
  ///
  /// - Parameters:
  ///   - words: Size of the vocabulary.
  ///   - genotype: The cell; `nil` for the supernet.
  ///   - alphaDeviation: Standard deviation of the first α; the released code's.
  public init(
    words: Int, training: TextTraining, genotype: RecurrentGenotype?, alphaDeviation: Float = 1e-3
  ) {
    let alphas = Parameters()
    let nodes = genotype?.nodes.count ?? Self.supernetNodes
    let alpha =
      genotype == nil
      ? alphas.declare("alphas", [nodes * (nodes + 1) / 2, 5], .normal(deviation: alphaDeviation))
      : nil
    model = RecurrentLanguageModel(words: words, training: training, initializers: .darts) {
      place, parameters in
      HighwayLayer(
        units: place.units,
        weights: RecurrentCellWeights(nodes: nodes, place, training, parameters),
        hiddenDropout: training.hiddenDropout, parameters: parameters
      ) { tape in
        if let genotype { return genotype.wiring(isNormalized: false) }
        return Self.mixture(of: nodes, alpha, alphas, on: tape)
      }
    }
    self.alphas = alphas
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

  private static func mixture(
    of nodes: Int, _ alpha: Parameter?, _ alphas: Parameters, on tape: Tape
  ) -> RecurrentWiring {
    guard let alpha else { return RecurrentWiring(nodes: [], outputs: [0], isNormalized: true) }
    var mixtures = tape.softmaxRows(alpha, of: alphas)[...]
    return RecurrentWiring(
      nodes: (1...nodes).map { node in
        defer { mixtures = mixtures.dropFirst(node) }
        return mixtures.prefix(node).enumerated().map { .init(from: $0, .mixture($1)) }
      }, isNormalized: true)
  }
}
