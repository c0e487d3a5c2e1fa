import NeuralNetworks
import SearchCore
import TensorCore

/// The shared weights of ENAS' macro space; a child is one path through them.
///
/// Weights belong to a layer and an operation, whatever the layer reads. Each operation begins with
/// a 1x1 convolution, normalisation and ReLU; the outputs that a layer adds are summed with its own
/// and normalised, and channels stay the same throughout (found networks join them and double,
/// `ENASMacroNetwork`). The authors have 12 layers of 36 channels. Only the sampled path runs, and
/// only its weights get gradients.
///
/// Source: Pham et al., arXiv 1802.03268, section 2.3, and `general_child.py` of the released code,
/// which also halves outputs that no layer reads, and adds 1e-3 to the variance behind each branch's
/// convolution, where 1e-5 is added everywhere here.
public final class ENASMacroSupernet {
  public let parameters = Parameters()
  public var auxiliaryParameterCount: Int { 0 }
  private let space: ENASMacro
  private let stem: Convolution
  private let stemNormalization: BatchNormalization
  private let layers: [SharedLayer]
  private let reductions: [ENASMacroHistory.Place: ENASMacroHistory.Reduction]
  private let classifier: Linear
  private let dropout: Float

  /// Declares the weights of all paths.
  ///
  /// - Parameters:
  ///   - channels: Of every layer, even.
  ///   - dropout: Chance of the last features to be zero in training; 0.1 in the released scripts,
  ///     which ask for an auxiliary head and drop-path too that their code does not have.
  public init(
    _ space: ENASMacro, channels: Int, classes: Int, dropout: Float = 0, imageChannels: Int = 3
  ) {
    let parameters = parameters
    self.space = space
    self.dropout = dropout
    stem = Convolution(
      "stem.conv", from: imageChannels, to: channels, window: Window(3), in: parameters)
    stemNormalization = BatchNormalization("stem.bn", channels: channels, in: parameters)
    layers = (0..<space.depth).map {
      SharedLayer("layers.\($0)", channels: channels, isFirst: $0 == 0, in: parameters)
    }
    var reductions: [ENASMacroHistory.Place: ENASMacroHistory.Reduction] = [:]
    for output in 0..<space.depth {
      let places = ENASMacroHistory.places(of: output, readBy: space.depth - 1, in: space)
      for place in places {
        reductions[place] = ENASMacroHistory.Reduction(
          "reductions.\(place.halvings).\(output)", from: channels, to: channels, in: parameters)
      }
    }
    self.reductions = reductions
    classifier = Linear(
      "classifier", from: channels, to: classes, hasBias: false, in: parameters)
  }

  /// The path of an architecture: a network that shares these weights.
  public func child(of architecture: Architecture) -> any Network {
    Child(self, space.layers(of: architecture))
  }

  private final class Child: Network {
    private let shared: ENASMacroSupernet
    private let path: [ENASMacro.Layer]
    var parameters: Parameters { shared.parameters }

    init(_ shared: ENASMacroSupernet, _ path: [ENASMacro.Layer]) {
      self.shared = shared
      self.path = path
    }

    func outputs(of images: Tensor, on tape: Tape, during pass: TrainingPass?) -> NetworkOutputs {
      shared.outputs(of: images, path, on: tape, during: pass)
    }
  }

  private func outputs(
    of images: Tensor, _ path: [ENASMacro.Layer], on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    var newest = stemNormalization(stem(images, on: tape), on: tape)
    var history = ENASMacroHistory(newest, of: space, reductions: reductions)
    for (index, layer) in layers.enumerated() {
      let input = history.read(index, by: index, on: tape)
      let skips = path[index].skips.map { history.read($0, by: index, on: tape) }
      newest = layer(input, path[index].operation, adding: skips, of: parameters, on: tape)
      history.append(newest)
    }
    var features = tape.globalAveragePool(newest)
    if let pass { features = pass.dropout(features, probability: dropout, on: tape) }
    return NetworkOutputs(logits: classifier(features, on: tape))
  }

  /// A layer holding the weights of every operation.
  private struct SharedLayer {
    private let branches: [Branch]
    /// Of the sum with what the layer adds; the first layer adds nothing.
    private let normalization: BatchNormalization?

    /// An operation behind its own 1x1 convolution.
    private struct Branch {
      let operation: ENASMacro.Operation
      let entry: Convolution
      let entryNormalization: BatchNormalization
      let convolution: (layer: Convolution, normalization: BatchNormalization)?
      let separable: SeparableStage?
    }

    init(_ name: String, channels: Int, isFirst: Bool, in parameters: Parameters) {
      branches = ENASMacro.Operation.allCases.map { operation in
        let name = "\(name).\(operation.rawValue)"
        let entry = Convolution(
          "\(name).entry", from: channels, to: channels, window: Window(1), in: parameters)
        let entryNormalization = BatchNormalization(
          "\(name).entry.bn", channels: channels, in: parameters)
        let isFull = !operation.isSeparable && !operation.isPooling
        return Branch(
          operation: operation, entry: entry, entryNormalization: entryNormalization,
          convolution: isFull
            ? (
              Convolution(
                "\(name).conv", from: channels, to: channels, window: Window(operation.kernel),
                in: parameters),
              BatchNormalization("\(name).bn", channels: channels, in: parameters)
            ) : nil,
          separable: operation.isSeparable
            ? SeparableConvolution(
              name, from: channels, to: channels, window: Window(operation.kernel), stages: 1,
              in: parameters
            ).stages[0] : nil)
      }
      normalization =
        isFirst ? nil : BatchNormalization("\(name).bn", channels: channels, in: parameters)
    }

    func callAsFunction(
      _ input: Tensor, _ operation: ENASMacro.Operation, adding skips: [Tensor],
      of parameters: Parameters, on tape: Tape
    ) -> Tensor {
      let output =
        branches.first { $0.operation == operation }
        .map { run($0, on: input, of: parameters, tape) } ?? input
      guard let normalization else { return output }
      let sum = skips.isEmpty ? output : tape.sum((skips + [output]).map { .maps($0) })
      return normalization(sum, on: tape)
    }

    private func run(
      _ branch: Branch, on input: Tensor, of parameters: Parameters, _ tape: Tape
    ) -> Tensor {
      let entry = branch.entry(input, on: tape)
      if let separable = branch.separable {
        // The stage rectifies what it reads.
        return tape.relu(
          tape.unit(separable, branch.entryNormalization(entry, on: tape), of: parameters))
      }
      let entered = branch.entryNormalization(entry, rectified: true, on: tape)
      if let (convolution, normalization) = branch.convolution {
        return normalization(convolution(entered, on: tape), rectified: true, on: tape)
      }
      return branch.operation == .maxPool3x3
        ? tape.maxPool(entered, window: Window(3)) : tape.averagePool(entered, window: Window(3))
    }
  }
}
