import SearchCore

/// Children that grow while a controller learns: first shallow ones, later deeper ones.
///
/// Source: Zoph & Le, arXiv 1611.01578, section 4.1: 6 layers, and 2 more after every 1,600 children.
public struct DepthCurriculum: Sendable {
  private let space: any DepthSearchSpace
  private let initialLayers: Int
  private let step: Int
  private let childrenPerDepth: Int

  /// Begins with some layers and adds more after every so many children, up to the space's depth.
  ///
  /// - Parameters:
  ///   - initialLayers: At least 1.
  ///   - childrenPerDepth: At least 1.
  public init(
    of space: any DepthSearchSpace, initialLayers: Int, step: Int, childrenPerDepth: Int
  ) {
    self.space = space
    self.initialLayers = initialLayers
    self.step = step
    self.childrenPerDepth = childrenPerDepth
  }

  /// Layers of the next child.
  ///
  /// - Parameter drawn: Children drawn before it.
  public func layers(after drawn: Int) -> Int {
    min(space.depth, initialLayers + step * (drawn / childrenPerDepth))
  }

  /// Layers of some first children, and how many have them.
  public func stages(ofChildren count: Int) -> [(layers: Int, children: Int)] {
    var stages: [(layers: Int, children: Int)] = []
    var rest = count
    var layers = layers(after: 0)
    while rest > 0 {
      let grows = layers < space.depth && step > 0
      let children = grows ? min(rest, childrenPerDepth) : rest
      stages.append((layers, children))
      rest -= children
      layers = min(space.depth, layers + step)
    }
    return stages
  }

  /// Decisions of the next child.
  func decisions(after drawn: Int) -> Int { space.decisionCount(depth: layers(after: drawn)) }
}
