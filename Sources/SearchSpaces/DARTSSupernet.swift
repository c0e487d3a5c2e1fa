import NeuralNetworks
import TensorCore

/// The continuous relaxation of DARTS: every edge is a softmax-weighted sum of all candidates.
///
/// The weights and the α are separate parameters, so that a tape can differentiate either. The
/// paper has C = 16 and N = 2: 8 cells, with reductions at 2 and 5. Normalisations inside cells
/// learn no affine map; `none` adds nothing and costs nothing, but takes its share of the softmax.
///
/// Source: Liu et al., arXiv 1806.09055, section 2.2, and the released code.
public final class DARTSSupernet: Network {
  /// The candidates' weights, stem and classifier.
  public let parameters = Parameters()
  /// α of the normal and of the reduction cells: `[edges, candidates]` each, at first normal with
  /// standard deviation 1e-3 as in the released code (the paper says zero).
  public let alphas = Parameters()
  private let normal: Parameter
  private let reduction: Parameter
  private let stack: CellStack<MixedCell>

  /// Edges of a cell: every node reads all earlier states.
  public static let edges = edgesOfNodes.reduce(0, +)
  private static let edgesOfNodes = (0..<DARTSCells.nodesPerCell).map {
    $0 + CellGenotype.inputStates
  }

  /// Declares the supernet.
  public init(channels: Int, cellsPerStage: Int, classes: Int) {
    let parameters = parameters
    let sizes = [Self.edges, DARTSCells.candidates.count]
    normal = alphas.declare("alpha.normal", sizes, .normal(deviation: 1e-3))
    reduction = alphas.declare("alpha.reduce", sizes, .normal(deviation: 1e-3))
    stack = CellStack(
      channels: channels, cellsPerStage: cellsPerStage, classes: classes,
      outputStates: DARTSCells.nodesPerCell, isAffine: false, in: parameters
    ) { name, width, isReduction in
      MixedCell(name, channels: width, isReduction: isReduction, in: parameters)
    }
  }

  public func outputs(
    of images: Tensor, on tape: Tape, during pass: TrainingPass?
  ) -> NetworkOutputs {
    // Column 0 is `none`, which takes its share and adds nothing.
    let columns = 1..<DARTSCells.candidates.count
    let weights = [normal, reduction].map {
      tape.softmaxRows($0, of: alphas, groups: Self.edgesOfNodes, columns: columns)
    }
    let (logits, _) = stack(images, on: tape) { cell, _, older, newer in
      cell.body.joined(
        [older, newer], .init(weights: weights[cell.isReduction ? 1 : 0]), of: parameters,
        on: tape)
    }
    return NetworkOutputs(logits: logits)
  }

  /// Four nodes that each add a mixed operation on every earlier state.
  private struct MixedCell {
    let isReduction: Bool
    let body: CellBody

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
            ).map { CellBody.Edge(state: state, layer: $0, name: name) }
          }
        }
      }
      body = CellBody(nodes: nodes)
    }
  }
}
