import SearchCore

/// The cells of NASNet: five blocks, each two of 13 operations on two earlier states, which may be
/// the same, added or joined along the channels; the output joins the states that no block reads.
///
/// A normal and a reduction cell; choices come in the order of the controller's predictions: two
/// states, two operations, how they are combined. The paper defines no mutation: any choice
/// changes. A joined block has twice the channels, and what reads it brings them back; the paper
/// leaves open how, and the released code has no such block.
///
/// Source: Zoph et al., arXiv 1707.07012, section 3 and appendix A, and the released code
/// (TF-slim), whose names the operations have; the dilated convolution has dilation 2.
public struct NASNetCells: BlockCellSpace {
  public static let name = "nasnet-cells"
  public static let wiring = CellWiring.nasnet
  public static let paperRecipe = TrainingProtocol.nasNetEvaluation

  public static let encoding = BlockCells(
    name,
    [
      (.skip, "none"), (.convolution1x3and3x1, "1x3_3x1"), (.convolution1x7and7x1, "1x7_7x1"),
      (.denseDilated3x3, "dilated_3x3_rate_2"), (.averagePool3x3, "avg_pool_3x3"),
      (.maxPool3x3, "max_pool_3x3"), (.maxPool5x5, "max_pool_5x5"), (.maxPool7x7, "max_pool_7x7"),
      (.convolution1x1, "1x1"), (.convolution3x3, "3x3"), (.separable3x3, "separable_3x3_2"),
      (.separable5x5, "separable_5x5_2"), (.separable7x7, "separable_7x7_2"),
    ], combiners: CellGenotype.Combiner.allCases)

  /// Makes the space; it has no parameters.
  public init() {}
}
