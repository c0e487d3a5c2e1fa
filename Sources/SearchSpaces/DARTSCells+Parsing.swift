import SearchCore

extension DARTSCells {
  /// Longest text that is looked at, in bytes; a genotype has about 600.
  private static let longestText = 1200

  /// Writes the cells as DARTS' code prints them:
  /// `Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=range(2, 6), reduce=...)`.
  public func text(of cells: CellPair) -> String {
    func inputs(_ cell: CellGenotype) -> String {
      cell.nodes.flatMap { $0.inputs }.map { "('\($0.operation.rawValue)', \($0.state))" }
        .joined(separator: ", ")
    }
    func output(_ cell: CellGenotype) -> String {
      cell.output == Self.output ? "range(2, 6)" : "\(cell.output)"
    }
    return "Genotype(normal=[\(inputs(cells.normal))], normal_concat=\(output(cells.normal)), "
      + "reduce=[\(inputs(cells.reduction))], reduce_concat=\(output(cells.reduction)))"
  }

  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    guard text.utf8.count <= Self.longestText else {
      throw ArchitectureError(
        "darts-cells: text has \(text.utf8.count) bytes; expected at most \(Self.longestText)")
    }
    var scanner = GenotypeScanner(text)
    try scanner.expect("Genotype(normal=")
    let normal = try cell("normal", &scanner)
    try scanner.expect(", normal_concat=")
    try scanner.expectOneOf("range(2, 6)", "[2, 3, 4, 5]")
    try scanner.expect(", reduce=")
    let reduction = try cell("reduce", &scanner)
    try scanner.expect(", reduce_concat=")
    try scanner.expectOneOf("range(2, 6)", "[2, 3, 4, 5]")
    try scanner.expect(")")
    try scanner.expectEnd()
    return architecture(of: CellPair(normal: normal, reduction: reduction))
  }

  private func cell(
    _ name: String, _ scanner: inout GenotypeScanner
  ) throws(ArchitectureError) -> CellGenotype {
    var nodes: [CellGenotype.Node] = []
    try scanner.expect("[")
    for node in 0..<Self.nodesPerCell {
      if node > 0 { try scanner.expect(", ") }
      let first = try input(name, node, &scanner)
      try scanner.expect(", ")
      let second = try input(name, node, &scanner)
      guard first.state != second.state else {
        throw ArchitectureError(
          "darts-cells: \(name) node \(node) reads state \(first.state) twice; "
            + "expected two different states")
      }
      nodes.append(CellGenotype.Node(first, second))
    }
    try scanner.expect("]")
    return CellGenotype(nodes: nodes, output: Self.output)
  }

  private func input(
    _ cell: String, _ node: Int, _ scanner: inout GenotypeScanner
  ) throws(ArchitectureError) -> CellGenotype.Input {
    try scanner.expect("('")
    let name = scanner.take { $0 != "'" }
    guard let operation = Self.operations.first(where: { $0.rawValue == name }) else {
      throw ArchitectureError(
        "darts-cells: \(cell) node \(node) has operation '\(name)'; expected one of "
          + Self.operations.map { $0.rawValue }.joined(separator: ", "))
    }
    try scanner.expect("', ")
    let digits = scanner.take { $0.isNumber }
    let states = node + CellGenotype.inputStates
    guard let state = Int(digits), state < states else {
      throw ArchitectureError(
        "darts-cells: \(cell) node \(node) reads state '\(digits)'; expected 0 to \(states - 1)")
    }
    try scanner.expect(")")
    return CellGenotype.Input(operation, state)
  }
}

/// Reads a genotype from left to right.
private struct GenotypeScanner {
  private var rest: Substring

  init(_ text: String) { rest = Substring(text) }

  mutating func expect(_ part: String) throws(ArchitectureError) {
    guard rest.hasPrefix(part) else {
      throw ArchitectureError("darts-cells: found '\(rest.prefix(20))'; expected '\(part)'")
    }
    rest.removeFirst(part.count)
  }

  mutating func expectOneOf(_ first: String, _ second: String) throws(ArchitectureError) {
    try expect(rest.hasPrefix(second) ? second : first)
  }

  mutating func take(while isWanted: (Character) -> Bool) -> String {
    let part = rest.prefix(while: isWanted)
    rest.removeFirst(part.count)
    return String(part)
  }

  func expectEnd() throws(ArchitectureError) {
    guard rest.isEmpty else {
      throw ArchitectureError("darts-cells: found '\(rest.prefix(20))' behind the genotype")
    }
  }
}
