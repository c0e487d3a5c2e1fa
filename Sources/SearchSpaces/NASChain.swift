import SearchCore

/// Version 1 of the first architecture search's chains: stride 1, no pooling.
///
/// Source: Zoph & Le, arXiv 1611.01578, section 4.1; 15 layers after the paper's curriculum.
public struct NASChain: ConvolutionalChain {
  public static let name = "nas-chain"

  /// Candidates for a filter's height and width.
  static let kernels = [1, 3, 5, 7]
  /// Candidates for the number of filters.
  static let filters = [24, 36, 48, 64]

  public static let tokens = [
    ChainToken(.filterHeight, from: kernels), ChainToken(.filterWidth, from: kernels),
    ChainToken(.filters, from: filters),
  ]

  public let depth: Int
  public let decisions: [Decision]

  /// Makes the space of chains of up to a depth, at least 1; shorter ones are never drawn at random.
  public init(depth: Int = 15) {
    self.depth = depth
    decisions = Self.decisions(depth: depth)
  }
}
