import SearchCore

/// Version 3 of the first architecture search's chains: 13 layers that each stand for a fully
/// connected block of three convolutions, and max-pooling at two fixed depths.
///
/// Pooling is at depth 13 and 24 of the 39 convolutions. Since the maps of a block are joined, it
/// follows the blocks that the two are in: the fifth and the eighth.
///
/// Source: Zoph & Le, arXiv 1611.01578, section 4.1.
public struct NASChainPooled: ConvolutionalChain {
  public static let name = "nas-chain-pooled"

  public static let tokens = [
    ChainToken(.filterHeight, from: NASChain.kernels),
    ChainToken(.filterWidth, from: NASChain.kernels),
    ChainToken(.filters, from: [6, 12, 24, 36]),
  ]
  public static let convolutionsPerLayer = 3
  public static let pooledLayers = [13, 24].map { ($0 - 1) / convolutionsPerLayer }

  public let depth: Int
  public let decisions: [Decision]

  /// Makes the space of chains of up to a number of blocks, at least 1; shorter ones are never drawn
  /// at random.
  public init(depth: Int = 13) {
    self.depth = depth
    decisions = Self.decisions(depth: depth)
  }
}
