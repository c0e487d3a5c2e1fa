import Randomness
import SearchCore

/// The macro space of ENAS: a whole network, layer by layer; each applies one of six operations to
/// the layer before it and adds the outputs of any earlier ones.
///
/// Choices come layer by layer, as the authors write them: the operation's number, then 1 for each
/// earlier output that is added, else 0. The first bit of a layer is the stem's and the last that
/// of the layer before the previous one: the previous one is read in any case. Feature maps are
/// halved behind a third and two thirds of the layers. ENAS defines no mutation: any choice
/// changes.
///
/// Source: Pham et al., arXiv 1802.03268, section 2.3, and the released code.
public struct ENASMacro: AnchoredSearchSpace {
  public static let name = "enas-macro"

  /// What a layer computes, in the order of the authors' numbers.
  public enum Operation: String, CaseIterable, Sendable {
    case convolution3x3 = "conv_3x3"
    case separable3x3 = "sep_conv_3x3"
    case convolution5x5 = "conv_5x5"
    case separable5x5 = "sep_conv_5x5"
    case averagePool3x3 = "avg_pool_3x3"
    case maxPool3x3 = "max_pool_3x3"

    /// Side of its window, in pixels.
    var kernel: Int { self == .convolution5x5 || self == .separable5x5 ? 5 : 3 }
    var isSeparable: Bool { self == .separable3x3 || self == .separable5x5 }
    var isPooling: Bool { self == .averagePool3x3 || self == .maxPool3x3 }
  }

  /// A layer: what it computes of the previous output, and which earlier outputs it adds.
  public struct Layer: Hashable, Sendable {
    public let operation: Operation
    /// Indices of outputs, ascending: 0 for the stem, k + 1 for layer k.
    public let skips: [Int]

    public init(operation: Operation, skips: [Int]) {
      self.operation = operation
      self.skips = skips
    }
  }

  /// The 24 layers of the released script `cifar10_macro_final.sh`.
  public static let published = """
    0
    3 0
    0 1 0
    2 0 0 1
    2 0 0 0 0
    3 1 1 0 1 0
    2 0 0 0 0 0 1
    2 0 1 1 0 1 1 1
    1 0 1 1 1 0 1 0 1
    0 0 0 0 0 0 0 0 0 0
    2 0 0 0 0 0 1 0 0 0 0
    0 1 0 0 1 1 0 0 0 0 1 1
    2 0 1 0 0 0 0 0 1 0 1 1 0
    1 0 0 1 0 0 0 1 1 1 0 1 0 1
    0 1 1 0 1 0 1 0 0 0 0 0 1 0 0
    2 0 0 1 0 0 0 0 0 0 0 1 0 1 0 1
    2 0 1 0 0 0 1 0 0 1 1 1 1 0 0 1 0
    2 0 0 0 0 1 0 1 0 1 0 0 1 0 1 0 0 1
    3 0 1 1 0 1 0 0 0 0 0 1 0 1 0 1 0 0 0
    3 0 1 1 0 0 0 0 0 0 0 0 0 1 1 0 0 0 0 1
    0 1 0 0 1 0 1 1 0 0 0 1 0 0 0 0 0 1 1 0 0
    3 0 1 0 1 1 0 0 1 0 1 1 0 1 1 0 1 0 0 1 0 0
    0 1 0 1 0 1 0 0 0 0 0 0 0 0 1 0 1 0 0 1 0 0 0
    0 1 1 0 0 0 1 1 1 0 1 0 0 0 1 0 1 0 0 1 1 0 0 0
    """

  /// Longest text that is looked at, in bytes; 24 layers have 599.
  private static let longestText = 4_000

  /// Layers of a network; 12 in the paper's search.
  public let depth: Int
  public let decisions: [Decision]

  /// Makes the space of networks of a depth, at least 3.
  public init(depth: Int = 12) {
    self.depth = depth
    decisions = (0..<depth).flatMap { layer in
      [
        Decision(
          name: "layer \(layer) operation", options: Operation.allCases.map { $0.rawValue })
      ]
        + (0..<layer).map { output in
          Decision(
            name: "layer \(layer) adds \(output == 0 ? "stem" : "layer \(output - 1)")",
            options: ["no", "yes"])
        }
    }
  }

  public var anchors: [Range<Int>] {
    var next = 0
    return (0..<depth).map { layer in
      let first = next + 1
      next = first + layer
      return first..<next
    }
  }

  /// How often the maps that a layer reads were halved.
  func halvings(before layer: Int) -> Int {
    [depth / 3, 2 * (depth / 3)].filter { $0 <= layer }.count
  }

  /// Writes the numbers as the released scripts take them, all in one line.
  public func text(of architecture: Architecture) -> String {
    architecture.choices.map(String.init).joined(separator: " ")
  }

  /// Reads the numbers, in one line or in several, in brackets or bare.
  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    guard text.utf8.count <= Self.longestText else {
      throw ArchitectureError(
        "enas-macro: text has \(text.utf8.count) bytes; expected at most \(Self.longestText)")
    }
    let parts = try ArcNumbers.split(text, space: Self.name)
    guard parts.count == decisions.count else {
      throw ArchitectureError(
        "enas-macro: found \(parts.count) number(s); expected \(decisions.count)")
    }
    var choices: [Int] = []
    for (part, decision) in zip(parts, decisions) {
      guard let choice = decision.options.indices.first(where: { String($0) == part }) else {
        throw ArchitectureError(
          "enas-macro: \(decision.name) is '\(part)'; expected 0 to "
            + "\(decision.options.count - 1)")
      }
      choices.append(choice)
    }
    return Architecture(space: Self.name, choices: choices)
  }

  /// The space of networks as deep as the one that a text describes; this one if no depth has as
  /// many numbers.
  public func fitting(_ text: String) -> ENASMacro {
    guard text.utf8.count <= Self.longestText,
      let parts = try? ArcNumbers.split(text, space: Self.name)
    else { return self }
    // A layer has one number more than the layer before.
    var (layers, count) = (0, 0)
    while count < parts.count {
      layers += 1
      count += layers
    }
    return count == parts.count && layers >= 3 ? ENASMacro(depth: layers) : self
  }

  /// The text itself: each stands for a function of its own.
  public func identity(of architecture: Architecture) -> String { text(of: architecture) }

  public func graphs(of architecture: Architecture) -> [CellGraph] {
    let layers = layers(of: architecture)
    let names = ["stem"] + layers.map { $0.operation.rawValue } + ["classifier"]
    var edges: [CellGraph.Edge] = []
    for (index, layer) in layers.enumerated() {
      edges += (layer.skips + [index]).map {
        CellGraph.Edge(source: $0, target: index + 1, operation: "")
      }
    }
    edges.append(CellGraph.Edge(source: depth, target: depth + 1, operation: ""))
    return [CellGraph(title: "network", nodes: names, edges: edges)]
  }

  /// The layers that an architecture's choices stand for.
  public func layers(of architecture: Architecture) -> [Layer] {
    anchors.map { bits in
      Layer(
        operation: Operation.allCases[architecture.choices[bits.lowerBound - 1]],
        skips: bits.indices.filter { architecture.choices[$0] == 1 }.map { $0 - bits.lowerBound })
    }
  }
}
