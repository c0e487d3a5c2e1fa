import SearchCore

/// A cell: nodes that each combine two operations on earlier states.
///
/// State 0 is the output of the cell before the previous one, state 1 that of the previous cell,
/// state 2 the first node: the order of DARTS and ENAS (NASNet's code swaps the first two).
public struct CellGenotype: Hashable, Sendable {
  /// An operation and the state it reads.
  public struct Input: Hashable, Sendable {
    public var operation: CellOperation
    public var state: Int

    public init(_ operation: CellOperation, _ state: Int) {
      self.operation = operation
      self.state = state
    }
  }

  /// How a node combines its inputs.
  public enum Combiner: String, CaseIterable, Codable, Sendable {
    case add
    /// Joins them along the channels: the node has twice as many.
    case concatenate
  }

  /// A node: two inputs and how they are combined.
  public struct Node: Hashable, Sendable {
    public var first: Input
    public var second: Input
    public var combiner: Combiner
    public var inputs: [Input] { [first, second] }

    public init(_ first: Input, _ second: Input, _ combiner: Combiner = .add) {
      self.first = first
      self.second = second
      self.combiner = combiner
    }

    /// Channels, in those of an input.
    var width: Int { combiner == .concatenate ? 2 : 1 }
  }

  /// States that are the cells' own inputs.
  public static let inputStates = 2

  public var nodes: [Node]
  /// States that are joined to be the cell's output, ascending.
  public var output: [Int]

  public init(nodes: [Node], output: [Int]) {
    self.nodes = nodes
    self.output = output
  }

  /// A cell whose output joins the states that no node reads; all inputs may be among them.
  public init(joiningLooseEnds nodes: [Node]) {
    self.init(nodes: nodes, output: [])
    output = looseEnds
  }

  /// The states that no node reads, ascending.
  var looseEnds: [Int] {
    let read = Set(nodes.flatMap { $0.inputs.map { $0.state } })
    return (0..<Self.inputStates + nodes.count).filter { !read.contains($0) }
  }

  /// Channels of the output, in those of a state.
  var outputWidth: Int {
    output.reduce(0) { $0 + ($1 < Self.inputStates ? 1 : nodes[$1 - Self.inputStates].width) }
  }

  /// A text that is equal for cells that differ in the order of nodes and of a node's inputs alone.
  ///
  /// The smallest of the texts of all orders of the nodes; at most 120 for five nodes.
  var identity: String {
    var smallest: String?
    forEachOrder { order in
      // order[k] is the old index of the new node k.
      var renamed = Array(0..<Self.inputStates + nodes.count)
      for (new, old) in order.enumerated() {
        renamed[Self.inputStates + old] = Self.inputStates + new
      }
      let parts = order.map { old in
        nodes[old].inputs.map { "\($0.operation.rawValue)~\(renamed[$0.state])" }.sorted()
          .joined(separator: nodes[old].combiner == .add ? "+" : "&")
      }
      let joined = output.map { renamed[$0] }.sorted().map(String.init).joined(separator: ",")
      let text = "|\(parts.joined(separator: "|"))|\(joined)"
      if text < smallest ?? "~" { smallest = text }
    }
    return smallest ?? ""
  }

  /// Runs over the orders in which every node comes after those that it reads.
  private func forEachOrder(_ body: ([Int]) -> Void) {
    var order: [Int] = []
    func extend() {
      if order.count == nodes.count { return body(order) }
      for node in nodes.indices where !order.contains(node) {
        let isReady = nodes[node].inputs.allSatisfy {
          $0.state < Self.inputStates || order.contains($0.state - Self.inputStates)
        }
        guard isReady else { continue }
        order.append(node)
        extend()
        order.removeLast()
      }
    }
    extend()
  }

  /// The cell to be drawn.
  func graph(title: String) -> CellGraph {
    let names =
      ["c_{k-2}", "c_{k-1}"]
      + nodes.enumerated().map { $1.combiner == .add ? "\($0)" : "\($0) joined" } + ["c_{k}"]
    var edges: [CellGraph.Edge] = []
    for (index, node) in nodes.enumerated() {
      for input in node.inputs {
        edges.append(
          CellGraph.Edge(
            source: input.state, target: Self.inputStates + index,
            operation: input.operation.rawValue))
      }
    }
    for state in output {
      edges.append(CellGraph.Edge(source: state, target: names.count - 1, operation: ""))
    }
    return CellGraph(title: title, nodes: names, edges: edges)
  }
}

/// The two cells that a network is stacked from.
public struct CellPair: Hashable, Sendable {
  public var normal: CellGenotype
  public var reduction: CellGenotype

  public init(normal: CellGenotype, reduction: CellGenotype) {
    self.normal = normal
    self.reduction = reduction
  }

  /// Reads the normal cell from the first half of the choices, the reduction cell from the second.
  init(halvesOf choices: [Int], cell: (ArraySlice<Int>) -> CellGenotype) {
    self.init(
      normal: cell(choices.prefix(choices.count / 2)),
      reduction: cell(choices.suffix(choices.count / 2)))
  }

  var graphs: [CellGraph] {
    [normal.graph(title: "normal cell"), reduction.graph(title: "reduction cell")]
  }
}
