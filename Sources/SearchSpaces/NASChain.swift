import SearchCore

/// The convolutional chains of the first neural architecture search: each layer has a filter of its
/// own height, width and number, and reads any of the layers before it.
///
/// Version 1 of the paper: stride 1, no pooling. Choices come layer by layer: filter height, filter
/// width, number of filters, then for each earlier layer whether it is read (the anchor point). A
/// layer that reads none reads the image; outputs that nobody reads are joined for the classifier.
/// The paper defines no mutation: any choice changes.
///
/// Source: Zoph & Le, arXiv 1611.01578, sections 3.1, 3.3 and 4.1.
public struct NASChain: AnchoredSearchSpace {
  public static let name = "nas-chain"

  /// Candidates for a filter's height and width.
  public static let kernels = [1, 3, 5, 7]
  /// Candidates for the number of filters.
  public static let filters = [24, 36, 48, 64]

  /// A layer: its filter bank, and the earlier layers that it reads.
  public struct Layer: Hashable, Sendable {
    public let height: Int
    public let width: Int
    public let filters: Int
    /// Indices of the layers that are joined to be its input, ascending; none for the image.
    public let inputs: [Int]
  }

  /// Layers of a chain; 15 in the paper's version 1 after its curriculum.
  public let depth: Int
  public let decisions: [Decision]

  /// Makes the space of chains of a depth, at least 1.
  public init(depth: Int = 15) {
    self.depth = depth
    let kernels = Self.kernels.map(String.init)
    decisions = (0..<depth).flatMap { layer in
      [
        Decision(name: "layer \(layer) filter height", options: kernels),
        Decision(name: "layer \(layer) filter width", options: kernels),
        Decision(name: "layer \(layer) filters", options: Self.filters.map(String.init)),
      ]
        + (0..<layer).map {
          Decision(name: "layer \(layer) reads layer \($0)", options: ["no", "yes"])
        }
    }
  }

  public var anchors: [Range<Int>] {
    var next = 0
    return (0..<depth).map { layer in
      let first = next + 3
      next = first + layer
      return first..<next
    }
  }

  /// The text itself; chains that differ in the order of independent layers alone count as two.
  public func identity(of architecture: Architecture) -> String { text(of: architecture) }

  public func graphs(of architecture: Architecture) -> [CellGraph] {
    let layers = layers(of: architecture)
    let names =
      ["image"] + layers.map { "\($0.height)x\($0.width), \($0.filters)" } + ["classifier"]
    var edges: [CellGraph.Edge] = []
    for (index, layer) in layers.enumerated() {
      let sources = layer.inputs.isEmpty ? [0] : layer.inputs.map { $0 + 1 }
      edges += sources.map { CellGraph.Edge(source: $0, target: index + 1, operation: "") }
    }
    edges += Self.looseEnds(of: layers).map {
      CellGraph.Edge(source: $0 + 1, target: names.count - 1, operation: "")
    }
    return [CellGraph(title: "network", nodes: names, edges: edges)]
  }

  /// The layers that an architecture's choices stand for.
  public func layers(of architecture: Architecture) -> [Layer] {
    var rest = architecture.choices[...]
    return (0..<depth).map { index in
      let bank = Array(rest.prefix(3))
      let reads = Array(rest.dropFirst(3).prefix(index))
      rest = rest.dropFirst(3 + index)
      return Layer(
        height: Self.kernels[bank[0]], width: Self.kernels[bank[1]],
        filters: Self.filters[bank[2]], inputs: reads.indices.filter { reads[$0] == 1 })
    }
  }

  /// Layers that no other layer reads.
  static func looseEnds(of layers: [Layer]) -> [Int] {
    let read = Set(layers.flatMap { $0.inputs })
    return layers.indices.filter { !read.contains($0) }
  }
}
