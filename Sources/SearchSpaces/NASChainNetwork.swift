import NeuralNetworks
import SearchCore
import TensorCore

extension NASChain: TrainableSearchSpace {
  /// The paper's chains have no auxiliary head.
  public var hasAuxiliaryHeads: Bool { false }
  /// The paper's chains leave no paths out.
  public var hasDropPath: Bool { false }

  /// Builds a chain; its layers bring their own sizes, so the scale's channels and cells do not
  /// apply.
  public func network(
    of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int,
    options: NetworkOptions
  ) -> any Network {
    NASChainNetwork(
      layers: layers(of: architecture), classes: classes, dropout: options.dropout)
  }
}

/// Convolution, batch normalisation and ReLU, layer by layer at full size; skips are joined along
/// the channels.
///
/// The classifier is global average pooling and a linear layer, which the paper leaves open.
///
/// Source: Zoph & Le, arXiv 1611.01578, section 3.3.
final class NASChainNetwork: Network {
  let parameters = Parameters()
  private let layers: [Layer]
  private let looseEnds: [Int]
  private let classifier: Linear
  private let dropout: Float

  private struct Layer {
    let inputs: [Int]
    let convolution: Convolution
    let normalization: BatchNormalization
  }

  init(layers: [NASChain.Layer], classes: Int, dropout: Float) {
    let parameters = parameters
    self.dropout = dropout
    self.layers = layers.enumerated().map { index, layer in
      let channels =
        layer.inputs.isEmpty ? 3 : layer.inputs.reduce(0) { $0 + layers[$1].filters }
      return Layer(
        inputs: layer.inputs,
        convolution: Convolution(
          "layers.\(index).conv", from: channels, to: layer.filters,
          window: Window(height: layer.height, width: layer.width), in: parameters),
        normalization: BatchNormalization(
          "layers.\(index).bn", channels: layer.filters, in: parameters))
    }
    looseEnds = NASChain.looseEnds(of: layers)
    classifier = Linear(
      "classifier", from: looseEnds.reduce(0) { $0 + layers[$1].filters }, to: classes,
      in: parameters)
  }

  func outputs(of images: Tensor, on tape: Tape, during pass: TrainingPass?) -> NetworkOutputs {
    var outputs: [Tensor] = []
    func joined(_ indices: [Int]) -> Tensor {
      indices.count == 1 ? outputs[indices[0]] : tape.concatenate(indices.map { outputs[$0] })
    }
    for layer in layers {
      let input = layer.inputs.isEmpty ? images : joined(layer.inputs)
      outputs.append(
        layer.normalization(layer.convolution(input, on: tape), rectified: true, on: tape))
    }
    var features = tape.globalAveragePool(joined(looseEnds))
    if let pass { features = pass.dropout(features, probability: dropout, on: tape) }
    return NetworkOutputs(logits: classifier(features, on: tape))
  }
}
