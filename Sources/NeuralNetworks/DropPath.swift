/// How often drop-path leaves an operation's result out, and how that grows.
///
/// Source: Larsson et al., FractalNet, arXiv 1605.07648; scheduled as in NASNet (arXiv 1707.07012).
public struct DropPath: Hashable, Sendable {
  /// At the end of the training, in the last cell; from 0 to below 1.
  public var finalProbability: Float
  /// Whether it is smaller in earlier cells, in proportion: the released code of NASNet and ENAS.
  public var growsWithDepth: Bool

  /// Nothing is left out.
  public static let none = DropPath(finalProbability: 0, growsWithDepth: false)

  /// Declares drop-path.
  public init(finalProbability: Float, growsWithDepth: Bool) {
    self.finalProbability = finalProbability
    self.growsWithDepth = growsWithDepth
  }

  /// The chance to be left out.
  ///
  /// - Parameters:
  ///   - progress: The part of the training that is done, from 0 to 1.
  ///   - depth: The part of the cells up to this one: (index + 1) / count.
  public func probability(at progress: Float, depth: Float) -> Float {
    finalProbability * progress * (growsWithDepth ? depth : 1)
  }
}
