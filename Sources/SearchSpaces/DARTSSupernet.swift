import NeuralNetworks
import SearchCore
import TensorCore

/// The continuous relaxation of DARTS: every edge is a softmax-weighted sum of all candidates.
///
/// The weights and the α are separate parameters, so that a tape can differentiate either. The
/// paper has C = 16 and N = 2: 8 cells, with reductions at 2 and 5. Normalisations inside cells
/// learn no affine map; `none` adds nothing and costs nothing, but takes its share of the softmax.
///
/// Source: Liu et al., arXiv 1806.09055, section 2.2, and the released code.
public final class DARTSSupernet: Network, SharedPathWeights {
  /// The candidates' weights, stem and classifier.
  public let parameters = Parameters()
  /// α of the normal and of the reduction cells: `[edges, candidates]` each.
  public let alphas = Parameters()
  /// α of the normal cells, and of the reduction cells.
  public let normal: Parameter
  public let reduction: Parameter
  public var auxiliaryParameterCount: Int { auxiliaryHead?.parameterCount ?? 0 }
  private let options: NetworkOptions
  private let stack: CellStack<MixedCell>
  private let auxiliaryHead: AuxiliaryHead?

  /// Edges of a cell: every node reads all earlier states.
  public static let edges = edgesOfNodes.reduce(0, +)
  /// Names of the edges in their order: `<state>-<node>`.
  public static let edgeNames = edgesOfNodes.enumerated().flatMap { node, count in
    (0..<count).map { "\($0)-\(node + CellGenotype.inputStates)" }
  }
  private static let edgesOfNodes = (0..<DARTSCells.nodesPerCell).map {
    $0 + CellGenotype.inputStates
  }

  /// Declares the supernet.
  ///
  /// - Parameters:
  ///   - alphaDeviation: Standard deviation of the first α: 1e-3 in the released code; the paper
  ///     says that they are zero.
  ///   - options: What regularises the training of single paths; the relaxation has none of it.
  public init(
    channels: Int, cellsPerStage: Int, classes: Int, alphaDeviation: Float = 1e-3,
    options: NetworkOptions = NetworkOptions()
  ) {
    let parameters = parameters
    self.options = options
    let sizes = [Self.edges, DARTSCells.candidates.count]
    normal = alphas.declare("alpha.normal", sizes, .normal(deviation: alphaDeviation))
    reduction = alphas.declare("alpha.reduce", sizes, .normal(deviation: alphaDeviation))
    stack = CellStack(
      .init(
        channels: channels, cellsPerStage: cellsPerStage, classes: classes, wiring: .darts,
        imageChannels: options.imageChannels, isAffine: false
      ) { _ in DARTSCells.nodesPerCell }, in: parameters
    ) { name, width, isReduction in
      MixedCell(name, channels: width, isReduction: isReduction, in: parameters)
    }
    auxiliaryHead = AuxiliaryHead(
      options, channels: stack.auxiliaryChannels, halvings: stack.auxiliaryHalvings,
      classes: classes, in: parameters)
  }

  public func outputs(
    of images: Tensor, on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    // Column 0 is `none`, which takes its share and adds nothing.
    let columns = 1..<DARTSCells.candidates.count
    let weights = [normal, reduction].map {
      tape.softmaxRows($0, of: alphas, groups: Self.edgesOfNodes, columns: columns)
    }
    let (logits, _) = stack(images, on: tape) { cell, _, inputs in
      cell.body(
        inputs, .init(weights: weights[cell.isReduction ? 1 : 0]), of: parameters, on: tape)
    }
    return NetworkOutputs(logits: logits)
  }

  /// The network of found cells that trains these weights: of every edge the chosen operation.
  public func child(of architecture: Architecture) -> any Network {
    let cells = DARTSCells().cells(of: architecture)
    return Path(self, cells)
  }

  private final class Path: Network {
    private let supernet: DARTSSupernet
    private let cells: CellPair
    var parameters: Parameters { supernet.parameters }
    var auxiliaryParameterCount: Int { supernet.auxiliaryParameterCount }

    init(_ supernet: DARTSSupernet, _ cells: CellPair) {
      self.supernet = supernet
      self.cells = cells
    }

    func outputs(of images: Tensor, on tape: Tape, during pass: TrainingPass?) -> NetworkOutputs {
      let options = supernet.options
      let (logits, features) = supernet.stack(
        images, on: tape, pass: pass, dropout: options.dropout
      ) { cell, depth, inputs in
        let dropPath = pass.map {
          ($0, options.dropPath.probability(at: $0.progress, depth: depth))
        }
        let path = cell.path(of: cell.isReduction ? cells.reduction : cells.normal)
        return path(inputs, .init(dropPath: dropPath), of: parameters, on: tape)
      }
      return NetworkOutputs(
        logits: logits,
        auxiliaryLogits: tape.isTraining
          ? features.flatMap { supernet.auxiliaryHead?($0, on: tape) } : nil)
    }
  }

  /// Four nodes that each add a mixed operation on every earlier state.
  private struct MixedCell {
    let isReduction: Bool
    let body: CellBody

    /// The nodes of a found cell with this cell's weights.
    func path(of genotype: CellGenotype) -> CellBody {
      let candidates = DARTSCells.operations.count
      return CellBody(
        nodes: zip(body.nodes, genotype.nodes).map { mixed, node in
          CellBody.Node(
            edges: node.inputs.compactMap { input in
              DARTSCells.operations.firstIndex(of: input.operation).map {
                mixed.edges[input.state * candidates + $0]
              }
            })
        }, output: genotype.output)
    }

    init(_ name: String, channels: Int, isReduction: Bool, in parameters: Parameters) {
      self.isReduction = isReduction
      let nodes = (0..<DARTSCells.nodesPerCell).map { node in
        (0..<node + CellGenotype.inputStates).flatMap { state in
          DARTSCells.candidates.compactMap { candidate in
            let name = "\(name).\(state)-\(node).\(candidate.rawValue)"
            return CellOperationLayer(
              candidate, name, channels: channels,
              stride: isReduction && state < CellGenotype.inputStates ? 2 : 1,
              style: .init(isAffine: false, normalizesPooling: true), in: parameters
            ).map {
              CellBody.Edge(state: state, layer: $0, name: name, isDropped: !$0.isIdentity)
            }
          }
        }
      }
      body = CellBody(nodes: nodes.map { .init(edges: $0) }, output: DARTSCells.output)
    }
  }
}
