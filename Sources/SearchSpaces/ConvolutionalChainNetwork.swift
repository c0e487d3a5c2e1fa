import NeuralNetworks
import SearchCore
import TensorCore

extension ConvolutionalChain {
  /// The paper's chains have no auxiliary head.
  public var hasAuxiliaryHeads: Bool { false }
  /// The paper's chains leave no paths out.
  public var hasDropPath: Bool { false }
  public var takesChannels: Bool { false }
  public func layerCount(of architecture: Architecture) -> Int? { layers(of: architecture).count }

  /// Builds a chain; its layers bring their own sizes, so the scale's channels and cells do not
  /// apply.
  public func network(
    of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int,
    options: NetworkOptions
  ) -> any Network {
    ConvolutionalChainNetwork(
      layers(of: architecture), convolutionsPerLayer: Self.convolutionsPerLayer,
      pooledLayers: Self.pooledLayers, classes: classes, options: options)
  }
}

/// Convolution, batch normalisation and ReLU, layer by layer; skips are joined along the channels.
///
/// A layer of several convolutions is a block in which each reads the layer's input and all before
/// it, and whose output joins them. Zeros are padded below and to the right, max-pooling is 2x2
/// with stride 2, and the classifier is global average pooling and a linear layer: the paper leaves
/// these open.
///
/// Source: Zoph & Le, arXiv 1611.01578, section 3.3.
final class ConvolutionalChainNetwork: LayeredNetwork {
  let parameters = Parameters()
  private let layers: [Layer]
  private let looseEnds: [Int]
  private let classifier: Linear
  private let dropout: Float

  private struct Layer {
    let inputs: [Int]
    let units: [(convolution: Convolution, normalization: BatchNormalization)]
    let isPooled: Bool
  }

  init(
    _ chain: [ChainLayer], convolutionsPerLayer: Int, pooledLayers: [Int], classes: Int,
    options: NetworkOptions
  ) {
    let parameters = parameters
    dropout = options.dropout
    func width(of indices: [Int]) -> Int {
      indices.reduce(0) { $0 + chain[$1].filters * convolutionsPerLayer }
    }
    layers = chain.enumerated().map { index, layer in
      let channels = layer.inputs.isEmpty ? options.imageChannels : width(of: layer.inputs)
      return Layer(
        inputs: layer.inputs,
        units: (0..<convolutionsPerLayer).map { unit in
          let name = "layers.\(index)" + (convolutionsPerLayer > 1 ? ".\(unit)" : "")
          // Inside a block the size stays; the first convolution alone strides.
          let (rows, columns) = unit == 0 ? (layer.strideHeight, layer.strideWidth) : (1, 1)
          return (
            Convolution(
              "\(name).conv", from: channels + unit * layer.filters, to: layer.filters,
              window: Window(
                height: layer.height, width: layer.width, stride: rows, columnStride: columns),
              in: parameters),
            BatchNormalization("\(name).bn", channels: layer.filters, in: parameters)
          )
        },
        isPooled: pooledLayers.contains(index))
    }
    looseEnds = ChainLayer.looseEnds(of: chain)
    classifier = Linear("classifier", from: width(of: looseEnds), to: classes, in: parameters)
  }

  var depth: Int {
    var depths: [Int] = []
    for layer in layers {
      depths.append(layer.units.count + (layer.inputs.map { depths[$0] }.max() ?? 0))
    }
    return 1 + (looseEnds.map { depths[$0] }.max() ?? 0)
  }

  func outputs(of images: Tensor, on tape: Tape, during pass: TrainingPass?) -> NetworkOutputs {
    var outputs: [Tensor] = []
    for layer in layers {
      let input =
        layer.inputs.isEmpty ? images : tape.joined(layer.inputs.map { outputs[$0] })
      var parts = [input]
      for (convolution, normalization) in layer.units {
        let joined = tape.joined(parts)
        parts.append(normalization(convolution(joined, on: tape), rectified: true, on: tape))
      }
      let output = tape.joined(Array(parts.dropFirst()))
      outputs.append(
        layer.isPooled
          ? tape.maxPool(output, window: Window(2, stride: 2, padding: 0)) : output)
    }
    var features = tape.globalAveragePool(tape.joined(looseEnds.map { outputs[$0] }))
    if let pass { features = pass.dropout(features, probability: dropout, on: tape) }
    return NetworkOutputs(logits: classifier(features, on: tape))
  }
}

extension Tape {
  /// Joins feature maps along the channels, all padded with zeros to the largest.
  fileprivate func joined(_ parts: [Tensor]) -> Tensor {
    guard parts.count > 1 else { return parts[0] }
    let height = parts.reduce(0) { max($0, $1.shape.height) }
    let width = parts.reduce(0) { max($0, $1.shape.width) }
    return concatenate(parts.map { padded($0, height: height, width: width) })
  }
}
