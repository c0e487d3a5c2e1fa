import NeuralNetworks
import SearchCore
import TensorCore

extension ENASMacro: TrainableSearchSpace {
  /// The authors' macro networks have no auxiliary head, though their script asks for one.
  public var hasAuxiliaryHeads: Bool { false }
  /// The authors' macro networks leave no paths out.
  public var hasDropPath: Bool { false }
  public static var paperRecipe: TrainingProtocol { .enasMacroEvaluation }
  public func layerCount(of architecture: Architecture) -> Int? { depth }

  /// Builds a network; the space says how many layers it has, so the scale's cells do not apply.
  public func network(
    of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int,
    options: NetworkOptions
  ) -> any Network {
    ENASMacroNetwork(
      architecture, of: self, channels: scale.channels, classes: classes,
      dropout: options.dropout, imageChannels: options.imageChannels)
  }
}

/// The network that ENAS trains of a macro architecture: a 3x3 stem and the layers.
///
/// A layer is ReLU, 1x1 convolution and normalisation, then ReLU, its convolution and
/// normalisation; what it adds is joined along the channels and brought back by ReLU, 1x1
/// convolution and normalisation. Channels double where the size halves. Global average pooling,
/// dropout and a linear layer without bias. The released script has 96 channels.
///
/// Source: Pham et al., arXiv 1802.03268, and the released code, whose networks compute separable
/// convolutions as full ones and have no pooling. Here separable ones are the paper's unless full
/// ones are asked for, and pooling follows the 1x1 convolution as in the search.
public final class ENASMacroNetwork: LayeredNetwork {
  public let parameters = Parameters()
  private let space: ENASMacro
  private let genotype: [ENASMacro.Layer]
  private let stem: Convolution
  private let stemNormalization: BatchNormalization
  private let layers: [Layer]
  private let reductions: [ENASMacroHistory.Place: ENASMacroHistory.Reduction]
  private let classifier: Linear
  private let dropout: Float

  /// Declares the network.
  ///
  /// - Parameters:
  ///   - channels: Of the layers before the first halving.
  ///   - dropout: Chance of each feature before the classifier to be zero in training.
  ///   - hasFullConvolutions: Whether separable convolutions are full ones, as in the released
  ///     code.
  public init(
    _ architecture: Architecture, of space: ENASMacro, channels: Int, classes: Int,
    dropout: Float = 0, hasFullConvolutions: Bool = false, imageChannels: Int = 3
  ) {
    let parameters = parameters
    self.space = space
    self.dropout = dropout
    let genotype = space.layers(of: architecture)
    self.genotype = genotype
    stem = Convolution(
      "stem.conv", from: imageChannels, to: channels, window: Window(3), in: parameters)
    stemNormalization = BatchNormalization("stem.bn", channels: channels, in: parameters)
    layers = genotype.enumerated().map { index, layer in
      Layer(
        layer, "layers.\(index)", channels: channels << space.halvings(before: index),
        isFirst: index == 0, hasFullConvolutions: hasFullConvolutions, in: parameters)
    }
    var reductions: [ENASMacroHistory.Place: ENASMacroHistory.Reduction] = [:]
    for (index, layer) in genotype.enumerated() {
      for output in layer.skips + [index] {
        for place in ENASMacroHistory.places(of: output, readBy: index, in: space)
        where reductions[place] == nil {
          let width = channels << place.halvings
          reductions[place] = ENASMacroHistory.Reduction(
            "reductions.\(place.halvings).\(output)", from: width, to: 2 * width, in: parameters)
        }
      }
    }
    self.reductions = reductions
    classifier = Linear(
      "classifier", from: channels << space.halvings(before: space.depth - 1), to: classes,
      hasBias: false, in: parameters)
  }

  public var depth: Int {
    var depths = [1]
    for (index, layer) in genotype.enumerated() {
      func read(_ output: Int) -> Int {
        depths[output]
          + ENASMacroHistory.places(of: output, readBy: index, in: space).count
      }
      let own = read(index) + layers[index].depth
      depths.append(index == 0 ? own : 1 + layer.skips.reduce(own) { max($0, read($1)) })
    }
    return 1 + depths[space.depth]
  }

  public func outputs(
    of images: Tensor, on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    var newest = stemNormalization(stem(images, on: tape), on: tape)
    var history = ENASMacroHistory(newest, of: space, reductions: reductions)
    for (index, layer) in layers.enumerated() {
      let input = history.read(index, by: index, on: tape)
      let skips = genotype[index].skips.map { history.read($0, by: index, on: tape) }
      newest = layer(input, adding: skips, of: parameters, on: tape)
      history.append(newest)
    }
    var features = tape.globalAveragePool(newest)
    if let pass { features = pass.dropout(features, probability: dropout, on: tape) }
    return NetworkOutputs(logits: classifier(features, on: tape))
  }

  private struct Layer {
    private let operation: ENASMacro.Operation
    /// ReLU, 1x1 convolution, normalisation; then the separable convolution if it is one.
    private let stages: [SeparableStage]
    private let convolution: ConvolutionUnit?
    /// Brings the joined maps back to the layer's channels; the first layer has none.
    private let joint: SeparableStage?

    init(
      _ layer: ENASMacro.Layer, _ name: String, channels: Int, isFirst: Bool,
      hasFullConvolutions: Bool, in parameters: Parameters
    ) {
      operation = layer.operation
      var stages = [
        PointwiseUnit("\(name).entry", from: channels, to: channels, in: parameters).stage
      ]
      let isSeparable = operation.isSeparable && !hasFullConvolutions
      if isSeparable {
        stages +=
          SeparableConvolution(
            "\(name).operation", from: channels, to: channels, window: Window(operation.kernel),
            stages: 1, in: parameters
          ).stages
      }
      self.stages = stages
      convolution =
        isSeparable || operation.isPooling
        ? nil
        : ConvolutionUnit(
          "\(name).operation", from: channels, to: channels, kernel: operation.kernel,
          in: parameters)
      joint =
        isFirst
        ? nil
        : PointwiseUnit(
          "\(name).joint", from: (layer.skips.count + 1) * channels, to: channels, in: parameters
        ).stage
    }

    /// Layers with weights before what is added.
    var depth: Int { operation.isPooling ? 1 : convolution == nil ? 3 : 2 }

    func callAsFunction(
      _ input: Tensor, adding skips: [Tensor], of parameters: Parameters, on tape: Tape
    ) -> Tensor {
      let staged = stages.reduce(StageInput.maps(input)) { input, stage in
        .normalized(tape.separableStages(input, [stage], of: parameters)[0])
      }
      guard case .normalized(let normalized) = staged else { return input }
      var output = tape.sum([.normalized(normalized)])
      if let convolution { output = convolution(output, on: tape) }
      switch operation {
      case .averagePool3x3: output = tape.averagePool(output, window: Window(3))
      case .maxPool3x3: output = tape.maxPool(output, window: Window(3))
      default: break
      }
      guard let joint else { return output }
      return tape.unit(joint, tape.concatenate(skips + [output]), of: parameters)
    }
  }
}
