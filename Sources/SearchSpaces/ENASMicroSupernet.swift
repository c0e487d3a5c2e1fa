import NeuralNetworks
import SearchCore
import TensorCore

/// The shared weights of ENAS' micro space; a child is one path through them.
///
/// A separable convolution's weights belong to a node, a side, the state it reads and its kernel
/// size. The loose ends of a cell go through a 1x1 convolution whose slice belongs to the state.
/// Where the size halves, a factorized reduction comes first and the reduction cell itself has
/// stride 1. The authors have C = 20 and N = 2: six normal cells and two reductions. Only the
/// sampled path runs, and only its weights get gradients.
///
/// Source: Pham et al., arXiv 1802.03268, section 2.4, and `micro_child.py` of the released code.
public final class ENASMicroSupernet {
  public let parameters = Parameters()
  public var auxiliaryParameterCount: Int { auxiliaryHead?.parameterCount ?? 0 }
  private let stem: Convolution
  private let stemNormalization: BatchNormalization
  private let cells: [SharedCell]
  private let auxiliaryHead: AuxiliaryHead?
  private let classifier: Linear
  private let options: NetworkOptions

  /// Declares the weights of all paths.
  ///
  /// - Parameters:
  ///   - channels: C of the first cells.
  ///   - cellsPerStage: Normal cells of each of the three stages.
  ///   - options: What regularises the training of paths. The released search has dropout of 0.1
  ///     and an auxiliary head behind the first cell of the last stage. It asks for drop-path too,
  ///     but applies it to found cells alone; here it would be theirs: of every operation but the
  ///     identity, growing with depth and progress.
  public init(
    channels: Int, cellsPerStage: Int, classes: Int, options: NetworkOptions = NetworkOptions()
  ) {
    let parameters = parameters
    self.options = options
    stem = Convolution(
      "stem.conv", from: options.imageChannels, to: 3 * channels, window: Window(3),
      in: parameters)
    stemNormalization = BatchNormalization("stem.bn", channels: 3 * channels, in: parameters)
    let reductions = [cellsPerStage, 2 * cellsPerStage + 1]
    var (older, newer, width) = (3 * channels, 3 * channels, channels)
    var cells: [SharedCell] = []
    let count = 3 * cellsPerStage + 2
    for index in 0..<count {
      let isReduction = reductions.contains(index)
      if isReduction { width *= 2 }
      cells.append(
        SharedCell(
          "cells.\(index)", older: older, newer: newer, channels: width,
          isReduction: isReduction, isAuxiliary: index == reductions[1] + 1,
          depth: Float(index + 1) / Float(count), in: parameters))
      (older, newer) = (isReduction ? width : newer, width)
    }
    self.cells = cells
    classifier = Linear("classifier", from: width, to: classes, hasBias: false, in: parameters)
    auxiliaryHead = AuxiliaryHead(
      options, channels: width, halvings: 2, classes: classes, in: parameters)
  }

  /// The path of an architecture: a network that shares these weights.
  public func child(of architecture: Architecture) -> any Network {
    Child(self, ENASMicro().cells(of: architecture))
  }

  private final class Child: Network {
    private let shared: ENASMicroSupernet
    private let cells: CellPair
    var parameters: Parameters { shared.parameters }
    var auxiliaryParameterCount: Int { shared.auxiliaryParameterCount }

    init(_ shared: ENASMicroSupernet, _ cells: CellPair) {
      self.shared = shared
      self.cells = cells
    }

    func outputs(of images: Tensor, on tape: Tape, during pass: TrainingPass?) -> NetworkOutputs {
      shared.outputs(of: images, cells, on: tape, during: pass)
    }
  }

  private func outputs(
    of images: Tensor, _ path: CellPair, on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    var older = stemNormalization(stem(images, on: tape), on: tape)
    var newer = older
    var auxiliaryLogits: Tensor?
    for cell in cells {
      let dropPath = pass.map {
        ($0, options.dropPath.probability(at: $0.progress, depth: cell.depth))
      }
      (older, newer) = cell(
        older, newer, path: cell.isReduction ? path.reduction : path.normal,
        .init(dropPath: dropPath), on: tape)
      if cell.isAuxiliary && tape.isTraining {
        auxiliaryLogits = auxiliaryHead?(newer, on: tape)
      }
    }
    var features = tape.globalAveragePool(tape.relu(newer))
    if let pass { features = pass.dropout(features, probability: options.dropout, on: tape) }
    return NetworkOutputs(
      logits: classifier(features, on: tape), auxiliaryLogits: auxiliaryLogits)
  }
}
