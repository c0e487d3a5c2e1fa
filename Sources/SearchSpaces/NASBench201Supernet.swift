import NeuralNetworks
import SearchCore
import TensorCore

/// The continuous relaxation of NAS-Bench-201: every edge is a softmax-weighted sum of its five
/// operations, or one of them that is drawn.
///
/// All cells have the same α. `none` adds nothing and costs nothing, but takes its share of the
/// softmax; the preferred architecture may have it. Pools have no normalisation, and convolutions' learn no
/// affine map.
///
/// Source: Dong & Yang, arXiv 2001.00326, and the authors' code (D-X-Y/AutoDL-Projects,
/// `search_model_darts.py` and `search_model_gdas.py`).
public final class NASBench201Supernet: RelaxedNetwork {
  public let alphas = Parameters()
  public let cellNames = ["cell"]
  public let edgeNames = NASBench201.edges.map { "\($0.source)-\($0.target)" }
  public let operationNames = NASBench201.operations
  public var parameters: Parameters { weights.parameters }
  private let alpha: Parameter
  private let weights: NASBench201Weights

  /// Edges that enter each node.
  fileprivate static let groups = (1...3).map { node in
    NASBench201.edges.count { $0.target == node }
  }
  /// All operations but `none`, the first.
  fileprivate static let columns = 1..<NASBench201.operations.count

  /// Declares the network.
  ///
  /// - Parameter alphaDeviation: Standard deviation of the first α; 1e-3 in the authors' code.
  public init(
    channels: Int, cellsPerStage: Int, classes: Int, alphaDeviation: Float,
    options: NetworkOptions = NetworkOptions()
  ) {
    let candidates = Array(NASBench201.operations.indices)
    weights = NASBench201Weights(
      candidates: NASBench201.edges.map { _ in candidates }, channels: channels,
      cellsPerStage: cellsPerStage, classes: classes, options: options, isAffine: false)
    alpha = alphas.declare(
      "alpha", [NASBench201.edges.count, candidates.count], .normal(deviation: alphaDeviation))
  }

  public func outputs(
    of images: Tensor, on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    let mixtures = tape.softmaxRows(
      alpha, of: alphas, groups: Self.groups, columns: Self.columns)
    return weights.outputs(of: images, on: tape, during: pass) { cell, input in
      cell.nodes(input, weights: mixtures, on: tape) { _ in Array(Self.columns) }
    }
  }

  /// α of every edge.
  public var logits: [[Double]] {
    let (values, count) = (alphas.values(of: alpha), NASBench201.operations.count)
    return NASBench201.edges.indices.map { edge in
      values[edge * count..<(edge + 1) * count].map(Double.init)
    }
  }

  /// The network in which only the drawn operations run.
  ///
  /// As in the authors' code of this space, the weights of those that were not drawn are added to the
  /// edges as numbers: they are 0, but their derivatives are not.
  public func drawing(_ draw: GumbelDraw) -> any Network { Drawn(self, draw) }

  private final class Drawn: Network {
    private let supernet: NASBench201Supernet
    private let draw: GumbelDraw
    var parameters: Parameters { supernet.parameters }

    init(_ supernet: NASBench201Supernet, _ draw: GumbelDraw) {
      self.supernet = supernet
      self.draw = draw
    }

    func outputs(of images: Tensor, on tape: Tape, during pass: TrainingPass?) -> NetworkOutputs {
      let weights = tape.drawnRows(
        draw, supernet.alpha, of: supernet.alphas, groups: groups, columns: columns)
      var ones: [Shape: Tensor] = [:]
      return supernet.weights.outputs(of: images, on: tape, during: pass) { cell, input in
        let one = ones[input.shape] ?? tape.ones(input.shape)
        ones[input.shape] = one
        return cell.nodes(input, weights: weights, adding: one, on: tape) { [draw] edge in
          columns.contains(draw.columns[edge]) ? [draw.columns[edge]] : []
        }
      }
    }
  }

  public func discretized(_ weights: [[[Double]]]) -> Architecture {
    Architecture(
      space: NASBench201.name,
      choices: weights[0].map { row in
        row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
      })
  }
}

extension NASBench201Weights.Cell {
  /// Runs nodes that are weighted sums.
  ///
  /// - Parameters:
  ///   - weights: Of each node, one weight a term: of its edges in order, of their operations in order.
  ///   - last: A last term of every node.
  ///   - choices: The operations of an edge, none of them `none`.
  fileprivate func nodes(
    _ input: Tensor, weights: [Tensor], adding last: Tensor? = nil, on tape: Tape,
    _ choices: (_ edge: Int) -> [Int]
  ) -> Tensor {
    var nodes = [input]
    for target in 1...3 {
      var terms: [SumTerm] = []
      for (index, edge) in NASBench201.edges.enumerated() where edge.target == target {
        for choice in choices(index) {
          guard let term = apply(choice, of: index, to: nodes[edge.source], on: tape) else {
            continue
          }
          terms.append(.maps(term))
        }
      }
      if let last { terms.append(.maps(last)) }
      nodes.append(tape.sum(terms, weights: weights[target - 1]))
    }
    return nodes[3]
  }
}

extension NASBench201: RelaxableSearchSpace {
  public func relaxation(
    scale: TrainingProtocol.Scale, classes: Int, alphaDeviation: Float, options: NetworkOptions
  ) -> any RelaxedNetwork {
    supernet(scale: scale, classes: classes, alphaDeviation: alphaDeviation, options: options)
  }

  /// The relaxation of the space at a declared scale.
  public func supernet(
    scale: TrainingProtocol.Scale, classes: Int, alphaDeviation: Float, options: NetworkOptions
  ) -> NASBench201Supernet {
    NASBench201Supernet(
      channels: scale.channels, cellsPerStage: scale.cells, classes: classes,
      alphaDeviation: alphaDeviation, options: options)
  }

  public func skipConnections(in architecture: Architecture) -> Int {
    architecture.choices.count { Self.operations[$0] == "skip_connect" }
  }
}
