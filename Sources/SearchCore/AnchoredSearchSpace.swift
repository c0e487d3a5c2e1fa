/// A space with skip connections that a controller decides at anchor points.
///
/// Source: Zoph & Le, arXiv 1611.01578, section 3.3.
public protocol AnchoredSearchSpace: SearchSpace {
  /// For each layer, in order, the decisions whether it reads each of the layers before it: as many
  /// decisions of two options, no and yes, as there are earlier layers.
  var anchors: [Range<Int>] { get }
}
