import SearchCore

extension DARTSCells {
  /// Chooses the cells that mixing weights prefer.
  ///
  /// Of each node the two edges stay whose largest weight among the operations other than `none`
  /// is largest, the larger first, and of each of them that operation. Of equal weights the first
  /// stays.
  ///
  /// - Parameters:
  ///   - normal: A row an edge, a column a candidate, `none` first: softmax of α.
  ///   - reduction: The same of the reduction cells.
  ///
  /// Source: Liu et al., arXiv 1806.09055, section 2.4, and the released code.
  public static func discretized(normal: [[Double]], reduction: [[Double]]) -> Architecture {
    DARTSCells().architecture(
      of: CellPair(normal: cell(of: normal), reduction: cell(of: reduction)))
  }

  private static func cell(of weights: [[Double]]) -> CellGenotype {
    var rows = weights[...]
    let nodes = (0..<nodesPerCell).map { node in
      let edges = (0..<node + CellGenotype.inputStates).map { state in
        let row = rows.removeFirst().dropFirst()
        var best = row.startIndex
        for column in row.indices where row[column] > row[best] { best = column }
        return (state: state, operation: candidates[best], weight: row[best])
      }
      let strongest = edges.sorted { ($1.weight, $0.state) < ($0.weight, $1.state) }
      return CellGenotype.Node(
        .init(strongest[0].operation, strongest[0].state),
        .init(strongest[1].operation, strongest[1].state))
    }
    return CellGenotype(nodes: nodes, output: output)
  }

  /// How many of the normal cell's operations are skip connections: a search that collapses has
  /// hardly anything else.
  public func skipConnections(in architecture: Architecture) -> Int {
    cells(of: architecture).normal.nodes.flatMap(\.inputs).count { $0.operation == .skip }
  }
}
