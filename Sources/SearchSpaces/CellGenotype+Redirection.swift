extension CellGenotype {
  /// The states that a node can read without a loop: all but itself and what depends on it.
  func sources(of node: Int) -> [Int] {
    var dependent: Set<Int> = [Self.inputStates + node]
    // Nodes come after those that they read.
    for (index, later) in nodes.enumerated() where index > node {
      if later.inputs.contains(where: { dependent.contains($0.state) }) {
        dependent.insert(Self.inputStates + index)
      }
    }
    return (0..<Self.inputStates + nodes.count).filter { !dependent.contains($0) }
  }

  /// The cell in which one input of a node reads another state, its nodes put in an order in which
  /// each comes after those that it reads: of those that can come next, the first.
  ///
  /// - Parameters:
  ///   - side: Which of the node's two inputs.
  ///   - state: One of `sources(of: node)`.
  func redirecting(
    _ side: WritableKeyPath<Node, Input>, of node: Int, to state: Int
  ) -> CellGenotype {
    var changed = nodes
    changed[node][keyPath: side].state = state
    var order: [Int] = []
    while let next = changed.indices.first(where: { index in
      !order.contains(index)
        && changed[index].inputs.allSatisfy {
          $0.state < Self.inputStates || order.contains($0.state - Self.inputStates)
        }
    }) {
      order.append(next)
    }
    var renamed = Array(0..<Self.inputStates + nodes.count)
    for (new, old) in order.enumerated() {
      renamed[Self.inputStates + old] = Self.inputStates + new
    }
    return CellGenotype(
      joiningLooseEnds: order.map { old in
        var node = changed[old]
        node.first.state = renamed[node.first.state]
        node.second.state = renamed[node.second.state]
        return node
      })
  }
}
