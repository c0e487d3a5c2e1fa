import NeuralNetworks
import SearchCore
import TensorCore

extension NASBench201: TrainableSearchSpace {
  /// The benchmark's networks have no auxiliary head.
  public var hasAuxiliaryHeads: Bool { false }
  /// The benchmark's networks leave no paths out.
  public var hasDropPath: Bool { false }
  public static var paperRecipe: TrainingProtocol { .nasBench201Full }

  public func network(
    of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int,
    options: NetworkOptions
  ) -> any Network {
    NASBench201Network(
      choices: architecture.choices, channels: scale.channels, cellsPerStage: scale.cells,
      classes: classes, dropout: options.dropout)
  }
}

/// The network that NAS-Bench-201 puts a cell into.
///
/// A 3x3 stem with C filters; three stages of N cells with C, 2C and 4C channels; a residual block
/// of stride 2 before the second and third; batch normalisation, ReLU, global average pooling and
/// a linear layer. The benchmark has C = 16 and N = 5.
///
/// Source: Dong & Yang, arXiv 2001.00326, section 2.1 and the authors' code.
final class NASBench201Network: LayeredNetwork {
  let parameters = Parameters()
  private let stem: Convolution
  private let stemNormalization: BatchNormalization
  private let stages: [Stage]
  private let lastNormalization: BatchNormalization
  private let classifier: Linear
  private let dropout: Float

  private struct Stage {
    let reduction: Reduction?
    let cells: [Cell]
  }

  init(choices: [Int], channels: Int, cellsPerStage: Int, classes: Int, dropout: Float) {
    let parameters = parameters
    self.dropout = dropout
    stem = Convolution("stem.conv", from: 3, to: channels, window: Window(3), in: parameters)
    stemNormalization = BatchNormalization("stem.bn", channels: channels, in: parameters)
    stages = (0..<3).map { stage in
      let width = channels << stage
      let reduction =
        stage == 0
        ? nil : Reduction("reduction\(stage)", from: width / 2, to: width, in: parameters)
      let cells = (0..<cellsPerStage).map { index in
        Cell("stage\(stage).cell\(index)", choices: choices, channels: width, in: parameters)
      }
      return Stage(reduction: reduction, cells: cells)
    }
    lastNormalization = BatchNormalization("last.bn", channels: 4 * channels, in: parameters)
    classifier = Linear("classifier", from: 4 * channels, to: classes, in: parameters)
  }

  var depth: Int {
    // The stem, the cells, the two convolutions of each reduction, and the classifier.
    stages.reduce(2) { depth, stage in
      stage.cells.reduce(depth + (stage.reduction == nil ? 0 : 2)) { $0 + $1.depth }
    }
  }

  func outputs(of images: Tensor, on tape: Tape, during pass: TrainingPass?) -> NetworkOutputs {
    var features = stemNormalization(stem(images, on: tape), on: tape)
    for stage in stages {
      if let reduction = stage.reduction { features = reduction(features, on: tape) }
      for cell in stage.cells { features = cell(features, on: tape) }
    }
    features = tape.globalAveragePool(lastNormalization(features, rectified: true, on: tape))
    if let pass { features = pass.dropout(features, probability: dropout, on: tape) }
    return NetworkOutputs(logits: classifier(features, on: tape))
  }

  /// A residual block of stride 2 that doubles the channels.
  private struct Reduction {
    let first: ConvolutionUnit
    let second: ConvolutionUnit
    let shortcut: Convolution

    init(_ name: String, from channels: Int, to count: Int, in parameters: Parameters) {
      first = ConvolutionUnit(
        "\(name).a", from: channels, to: count, kernel: 3, stride: 2, in: parameters)
      second = ConvolutionUnit("\(name).b", from: count, to: count, kernel: 3, in: parameters)
      shortcut = Convolution(
        "\(name).shortcut", from: channels, to: count, window: Window(1), in: parameters)
    }

    func callAsFunction(_ input: Tensor, on tape: Tape) -> Tensor {
      let halved = tape.averagePool(input, window: Window(2, stride: 2, padding: 0))
      return tape.add(
        second(first(input, on: tape), on: tape), shortcut(halved, on: tape))
    }
  }

  /// Four nodes, each the sum of an operation on every earlier one.
  private struct Cell {
    private enum Operation {
      case none
      case skip
      case convolution(ConvolutionUnit)
      case averagePool
    }

    private let operations: [Operation]

    init(_ name: String, choices: [Int], channels: Int, in parameters: Parameters) {
      operations = zip(NASBench201.edges, choices).map { edge, choice in
        let name = "\(name).\(edge.source)-\(edge.target)"
        return switch NASBench201.operations[choice] {
        case "skip_connect": .skip
        case "nor_conv_1x1":
          .convolution(
            ConvolutionUnit(name, from: channels, to: channels, kernel: 1, in: parameters))
        case "nor_conv_3x3":
          .convolution(
            ConvolutionUnit(name, from: channels, to: channels, kernel: 3, in: parameters))
        case "avg_pool_3x3": .averagePool
        default: .none
        }
      }
    }

    func callAsFunction(_ input: Tensor, on tape: Tape) -> Tensor {
      var nodes = [input]
      for target in 1...3 {
        var sum: Tensor?
        for (edge, operation) in zip(NASBench201.edges, operations) where edge.target == target {
          guard let term = apply(operation, to: nodes[edge.source], on: tape) else { continue }
          sum = sum.map { tape.add($0, term) } ?? term
        }
        // A node without inputs is zero; a convolution of it still adds its normalisation's shift.
        nodes.append(sum ?? tape.zeros(input.shape))
      }
      return nodes[3]
    }

    /// Most convolutions on a way through the cell; 0 where there is none.
    var depth: Int {
      var nodes: [Int?] = [0, nil, nil, nil]
      for (edge, operation) in zip(NASBench201.edges, operations) {
        guard let source = nodes[edge.source] else { continue }
        switch operation {
        case .none: continue
        case .skip, .averagePool: nodes[edge.target] = max(nodes[edge.target] ?? 0, source)
        case .convolution: nodes[edge.target] = max(nodes[edge.target] ?? 0, source + 1)
        }
      }
      return nodes[3] ?? 0
    }

    private func apply(_ operation: Operation, to input: Tensor, on tape: Tape) -> Tensor? {
      switch operation {
      case .none: nil
      case .skip: input
      case .convolution(let unit): unit(input, on: tape)
      case .averagePool: tape.averagePool(input, window: Window(3))
      }
    }
  }
}
