/// A space of chains in which the first layers alone are an architecture as well.
///
/// An architecture of fewer layers has fewer choices: those of its layers, from the first on. A
/// search may so begin with shallow networks and let them grow.
///
/// Source: Zoph & Le, arXiv 1611.01578, section 4.1.
public protocol DepthSearchSpace: SearchSpace {
  /// Layers of the deepest architectures.
  var depth: Int { get }

  /// Number of decisions of an architecture of some layers, from 1 to `depth`.
  func decisionCount(depth: Int) -> Int
}
