import SearchCore

/// Version 2 of the first architecture search's chains: every layer has strides of its own.
///
/// Source: Zoph & Le, arXiv 1611.01578, section 4.1; 20 layers after the paper's curriculum.
public struct NASChainStrided: ConvolutionalChain {
  public static let name = "nas-chain-strided"

  /// Candidates for the steps between rows and between columns.
  static let strides = [1, 2, 3]

  public static let tokens = [
    ChainToken(.filterHeight, from: NASChain.kernels),
    ChainToken(.filterWidth, from: NASChain.kernels), ChainToken(.strideHeight, from: strides),
    ChainToken(.strideWidth, from: strides), ChainToken(.filters, from: NASChain.filters),
  ]

  public let depth: Int
  public let decisions: [Decision]

  /// Makes the space of chains of up to a depth, at least 1; shorter ones are never drawn at random.
  public init(depth: Int = 20) {
    self.depth = depth
    decisions = Self.decisions(depth: depth)
  }
}
