import SearchCore

/// A number that the first neural architecture search chooses of every layer.
public struct ChainToken: Hashable, Sendable {
  /// What the number says of a layer.
  public enum Quantity: String, Sendable {
    case filterHeight = "filter height"
    case filterWidth = "filter width"
    case strideHeight = "stride height"
    case strideWidth = "stride width"
    case filters
  }

  public let quantity: Quantity
  /// The numbers to choose from.
  public let candidates: [Int]

  /// Declares a choice.
  public init(_ quantity: Quantity, from candidates: [Int]) {
    self.quantity = quantity
    self.candidates = candidates
  }
}

/// A layer of a chain: its filter bank, and the earlier layers that it reads.
public struct ChainLayer: Hashable, Sendable {
  /// Filter height and width, in pixels.
  public internal(set) var height = 1
  public internal(set) var width = 1
  /// Step between rows and between columns, in pixels.
  public internal(set) var strideHeight = 1
  public internal(set) var strideWidth = 1
  /// Number of filters.
  public internal(set) var filters = 1
  /// Indices of the layers that are joined to be its input, ascending; none for the image.
  public internal(set) var inputs: [Int] = []

  /// Layers that no other layer reads.
  static func looseEnds(of layers: [ChainLayer]) -> [Int] {
    let read = Set(layers.flatMap { $0.inputs })
    return layers.indices.filter { !read.contains($0) }
  }
}

/// Convolutional chains of the first neural architecture search: each layer has a filter bank of
/// its own and reads any of the layers before it.
///
/// Choices come layer by layer: the tokens, then for each earlier layer whether it is read (the
/// anchor point). Paths are repaired as in the paper: a layer that reads none reads the image;
/// outputs that nobody reads are joined for the classifier; what is joined is padded with zeros to
/// the largest. The paper defines no mutation: any choice changes.
///
/// Source: Zoph & Le, arXiv 1611.01578, sections 3.1, 3.3 and 4.1.
public protocol ConvolutionalChain: AnchoredSearchSpace, DepthSearchSpace, TrainableSearchSpace {
  /// What is chosen of a layer before its anchor point, in order.
  static var tokens: [ChainToken] { get }
  /// Convolutions that a layer stands for; each reads those before it in the layer as well.
  static var convolutionsPerLayer: Int { get }
  /// Indices of the layers whose output max-pooling halves.
  static var pooledLayers: [Int] { get }
}

extension ConvolutionalChain {
  public static var convolutionsPerLayer: Int { 1 }
  public static var pooledLayers: [Int] { [] }

  /// The decisions of chains of a depth.
  static func decisions(depth: Int) -> [Decision] {
    (0..<depth).flatMap { layer in
      tokens.map { token in
        Decision(
          name: "layer \(layer) \(token.quantity.rawValue)",
          options: token.candidates.map(String.init))
      }
        + (0..<layer).map {
          Decision(name: "layer \(layer) reads layer \($0)", options: ["no", "yes"])
        }
    }
  }

  public func decisionCount(depth: Int) -> Int {
    Self.tokens.count * depth + depth * (depth - 1) / 2
  }

  public var anchors: [Range<Int>] {
    var next = 0
    return (0..<depth).map { layer in
      let first = next + Self.tokens.count
      next = first + layer
      return first..<next
    }
  }

  /// The text itself; chains that differ in the order of independent layers alone count as two.
  public func identity(of architecture: Architecture) -> String { text(of: architecture) }

  /// The layers that an architecture's choices stand for.
  public func layers(of architecture: Architecture) -> [ChainLayer] {
    var rest = architecture.choices[...]
    var layers: [ChainLayer] = []
    while !rest.isEmpty {
      var layer = ChainLayer()
      for (token, choice) in zip(Self.tokens, rest) {
        layer[token.quantity] = token.candidates[choice]
      }
      let reads = Array(rest.dropFirst(Self.tokens.count).prefix(layers.count))
      layer.inputs = reads.indices.filter { reads[$0] == 1 }
      rest = rest.dropFirst(Self.tokens.count + layers.count)
      layers.append(layer)
    }
    return layers
  }

  public func graphs(of architecture: Architecture) -> [CellGraph] {
    let layers = layers(of: architecture)
    let names = ["image"] + layers.enumerated().map(Self.name) + ["classifier"]
    var edges: [CellGraph.Edge] = []
    for (index, layer) in layers.enumerated() {
      let sources = layer.inputs.isEmpty ? [0] : layer.inputs.map { $0 + 1 }
      edges += sources.map { CellGraph.Edge(source: $0, target: index + 1, operation: "") }
    }
    edges += ChainLayer.looseEnds(of: layers).map {
      CellGraph.Edge(source: $0 + 1, target: names.count - 1, operation: "")
    }
    return [CellGraph(title: "network", nodes: names, edges: edges)]
  }

  /// What a layer is called in a drawing: `3x5, 24`, `3x5 by 2x1, 24`, `3 times 3x5, 24, pooled`.
  private static func name(_ index: Int, _ layer: ChainLayer) -> String {
    let count = convolutionsPerLayer > 1 ? "\(convolutionsPerLayer) times " : ""
    let strides =
      layer.strideHeight * layer.strideWidth > 1
      ? " by \(layer.strideHeight)x\(layer.strideWidth)" : ""
    return "\(count)\(layer.height)x\(layer.width)\(strides), \(layer.filters)"
      + (pooledLayers.contains(index) ? ", pooled" : "")
  }
}

extension ChainLayer {
  /// A number by what it says.
  subscript(quantity: ChainToken.Quantity) -> Int {
    get {
      switch quantity {
      case .filterHeight: height
      case .filterWidth: width
      case .strideHeight: strideHeight
      case .strideWidth: strideWidth
      case .filters: filters
      }
    }
    set {
      switch quantity {
      case .filterHeight: height = newValue
      case .filterWidth: width = newValue
      case .strideHeight: strideHeight = newValue
      case .strideWidth: strideWidth = newValue
      case .filters: filters = newValue
      }
    }
  }
}
