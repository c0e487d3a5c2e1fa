import NeuralNetworks
import SearchCore
import TensorCore

/// The weights of the networks that NAS-Bench-201 puts its cells into: of one cell's, or of all that
/// share them.
///
/// A 3x3 stem with C filters; three stages of N cells with C, 2C and 4C channels; a residual block
/// of stride 2 before the second and third; batch normalisation, ReLU, global average pooling and
/// a linear layer. The benchmark has C = 16 and N = 5. Shared weights belong to a cell, an edge and
/// an operation; their normalisations inside cells learn no affine map, and each has running
/// statistics of its own. Only the sampled path runs, and only its weights get gradients.
///
/// Source: Dong & Yang, arXiv 2001.00326, section 2.1, and the authors' code
/// (`search_model_random.py`, `search_cells.py`).
final class NASBench201Weights: SharedPathWeights {
  let parameters = Parameters()
  var auxiliaryParameterCount: Int { 0 }
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

  /// Declares the weights.
  ///
  /// - Parameter candidates: For each edge, the operations that it can have, as choices of the space.
  init(
    candidates: [[Int]], channels: Int, cellsPerStage: Int, classes: Int,
    options: NetworkOptions, isAffine: Bool
  ) {
    let parameters = parameters
    dropout = options.dropout
    stem = Convolution(
      "stem.conv", from: options.imageChannels, to: channels, window: Window(3), in: parameters)
    stemNormalization = BatchNormalization("stem.bn", channels: channels, in: parameters)
    stages = (0..<3).map { stage in
      let width = channels << stage
      let reduction =
        stage == 0
        ? nil : Reduction("reduction\(stage)", from: width / 2, to: width, in: parameters)
      let cells = (0..<cellsPerStage).map { index in
        Cell(
          "stage\(stage).cell\(index)", candidates: candidates, channels: width,
          isAffine: isAffine, in: parameters)
      }
      return Stage(reduction: reduction, cells: cells)
    }
    lastNormalization = BatchNormalization("last.bn", channels: 4 * channels, in: parameters)
    classifier = Linear("classifier", from: 4 * channels, to: classes, in: parameters)
  }

  func child(of architecture: Architecture) -> any Network {
    NASBench201Network(self, architecture.choices)
  }

  /// Most layers with weights on a cell's way from image to logits.
  func depth(of choices: [Int]) -> Int {
    // The stem, the cells, the two convolutions of each reduction, and the classifier.
    stages.reduce(2) { depth, stage in
      depth + (stage.reduction == nil ? 0 : 2) + stage.cells.count * Cell.depth(of: choices)
    }
  }

  /// Scores a batch by the networks of one cell.
  func outputs(
    of images: Tensor, _ choices: [Int], on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    outputs(of: images, on: tape, during: pass) { $0($1, choices, on: tape) }
  }

  /// Scores a batch.
  ///
  /// - Parameter run: Runs a cell on its input.
  func outputs(
    of images: Tensor, on tape: Tape, during pass: TrainingPass?,
    _ run: (Cell, Tensor) -> Tensor
  ) -> NetworkOutputs {
    var features = stemNormalization(stem(images, on: tape), on: tape)
    for stage in stages {
      if let reduction = stage.reduction { features = reduction(features, on: tape) }
      for cell in stage.cells { features = run(cell, features) }
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
  struct Cell {
    /// For each edge, its convolutions by choice.
    private let convolutions: [[Int: ConvolutionUnit]]

    private static let kernels = ["nor_conv_1x1": 1, "nor_conv_3x3": 3]

    init(
      _ name: String, candidates: [[Int]], channels: Int, isAffine: Bool,
      in parameters: Parameters
    ) {
      convolutions = zip(NASBench201.edges, candidates).map { edge, choices in
        var units: [Int: ConvolutionUnit] = [:]
        for choice in choices {
          let operation = NASBench201.operations[choice]
          guard let kernel = Self.kernels[operation] else { continue }
          let edgeName = "\(name).\(edge.source)-\(edge.target)"
          units[choice] = ConvolutionUnit(
            choices.count > 1 ? "\(edgeName).\(operation)" : edgeName, from: channels,
            to: channels, kernel: kernel, isAffine: isAffine, in: parameters)
        }
        return units
      }
    }

    func callAsFunction(_ input: Tensor, _ choices: [Int], on tape: Tape) -> Tensor {
      var nodes = [input]
      for target in 1...3 {
        var sum: Tensor?
        for (index, edge) in NASBench201.edges.enumerated() where edge.target == target {
          let term = apply(choices[index], of: index, to: nodes[edge.source], on: tape)
          guard let term else { continue }
          sum = sum.map { tape.add($0, term) } ?? term
        }
        // A node without inputs is zero; a convolution of it still adds its normalisation's shift.
        nodes.append(sum ?? tape.zeros(input.shape))
      }
      return nodes[3]
    }

    /// Runs one operation of an edge; `nil` for `none`, which passes nothing on.
    func apply(_ choice: Int, of edge: Int, to input: Tensor, on tape: Tape) -> Tensor? {
      switch NASBench201.operations[choice] {
      case "skip_connect": input
      case "avg_pool_3x3": tape.averagePool(input, window: Window(3))
      default: convolutions[edge][choice].map { $0(input, on: tape) }
      }
    }

    /// Most convolutions on a way through a cell; 0 where there is none.
    static func depth(of choices: [Int]) -> Int {
      var nodes: [Int?] = [0, nil, nil, nil]
      for (edge, choice) in zip(NASBench201.edges, choices) {
        let operation = NASBench201.operations[choice]
        guard let source = nodes[edge.source], operation != "none" else { continue }
        nodes[edge.target] = max(
          nodes[edge.target] ?? 0, source + (kernels[operation] == nil ? 0 : 1))
      }
      return nodes[3] ?? 0
    }
  }
}
