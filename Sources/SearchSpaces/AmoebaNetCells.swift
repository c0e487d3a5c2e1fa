import Randomness
import SearchCore

/// The cells of AmoebaNet: NASNet's, with eight operations and sums alone.
///
/// The 1x7 and 7x1 convolutions have a bottleneck of a quarter of the channels, as in the released
/// code. The dilated convolution is separable and applied once, as DARTS took it up: the paper says
/// neither, and the released code has another one.
///
/// Source: Real et al., arXiv 1802.01548, "Methods", and the released TPU code, whose names the
/// operations have.
public struct AmoebaNetCells: BlockCellSpace {
  public static let name = "amoebanet-cells"
  public static let wiring = CellWiring.amoebanet
  public static let paperRecipe = TrainingProtocol.amoebaNetEvaluation

  public static let encoding = BlockCells(
    name,
    [
      (.skip, "none"), (.separable3x3, "separable_3x3_2"), (.separable5x5, "separable_5x5_2"),
      (.separable7x7, "separable_7x7_2"), (.averagePool3x3, "avg_pool_3x3"),
      (.maxPool3x3, "max_pool_3x3"), (.dilated3x3, "dilated_separable_3x3"),
      (.convolution1x7and7x1, "1x7_7x1"),
    ])

  /// Chance of the mutation that changes nothing.
  private static let identityProbability = 0.05

  /// Makes the space; it has no parameters.
  public init() {}

  /// The paper's mutations: none with probability 0.05; else, with equal probability, one input
  /// reads another state or one operation is drawn anew, at a uniform cell, block and side.
  ///
  /// The other state is uniform among those that close no loop, later blocks included. The operation
  /// is uniform among all eight, so that it may come out as it was.
  public func mutate(
    _ architecture: Architecture, using generator: inout KeyedGenerator
  ) -> Architecture {
    if generator.bernoulli(Self.identityProbability) { return architecture }
    let changesState = generator.bernoulli(0.5)
    var cells = cells(of: architecture)
    let cell = generator.bernoulli(0.5) ? \CellPair.normal : \CellPair.reduction
    let block = generator.integer(below: BlockCells.blocks)
    let side =
      generator.bernoulli(0.5) ? \CellGenotype.Node.first : \CellGenotype.Node.second
    if changesState {
      let genotype = cells[keyPath: cell]
      let current = genotype.nodes[block][keyPath: side].state
      let state = generator.element(of: genotype.sources(of: block).filter { $0 != current })
      cells[keyPath: cell] = genotype.redirecting(side, of: block, to: state)
    } else {
      cells[keyPath: cell].nodes[block][keyPath: side].operation =
        generator.element(of: Self.encoding.candidates).operation
    }
    return Self.encoding.architecture(of: cells)
  }
}
