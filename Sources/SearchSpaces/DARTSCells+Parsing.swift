import SearchCore

extension DARTSCells {
  /// Longest text that is looked at, in bytes; a genotype has about 600, and more in many lines.
  private static let longestText = 4000

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

  /// Reads a genotype as DARTS' code prints it, or as those who build on it do: without blanks,
  /// over several lines, with either quotes, behind a name and `=`.
  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    architecture(of: try read(text, of: .space))
  }

  /// Reads cells of the space, or others that the released `genotypes.py` could hold: of any number
  /// of nodes, which may read a state twice, with all operations of its network, joining any nodes.
  public func cells(in text: String) throws(ArchitectureError) -> CellPair {
    try read(text, of: .releasedCode)
  }

  /// Which cells are read.
  private enum Kind {
    case space
    case releasedCode

    var operations: [CellOperation] {
      switch self {
      case .space: DARTSCells.operations
      case .releasedCode: DARTSCells.operations + [.separable7x7, .convolution1x7and7x1]
      }
    }
  }

  private func read(_ text: String, of kind: Kind) throws(ArchitectureError) -> CellPair {
    guard text.utf8.count <= Self.longestText else {
      throw ArchitectureError(
        "darts-cells: text has \(text.utf8.count) bytes; expected at most \(Self.longestText)")
    }
    var scanner = GenotypeScanner(text, of: Self.name)
    try scanner.expect("Genotype(")
    let normal = try cell("normal", of: kind, &scanner)
    try scanner.expect(",")
    let reduction = try cell("reduce", of: kind, &scanner)
    try scanner.expect(")")
    try scanner.expectEnd()
    return CellPair(normal: normal, reduction: reduction)
  }

  private func cell(
    _ name: String, of kind: Kind, _ scanner: inout GenotypeScanner
  ) throws(ArchitectureError) -> CellGenotype {
    var nodes: [CellGenotype.Node] = []
    try scanner.expect("\(name)=[")
    while nodes.isEmpty || (kind == .space ? nodes.count < Self.nodesPerCell : !scanner.isAt("]")) {
      if !nodes.isEmpty { try scanner.expect(",") }
      let first = try input(name, nodes.count, of: kind, &scanner)
      try scanner.expect(",")
      let second = try input(name, nodes.count, of: kind, &scanner)
      guard kind == .releasedCode || first.state != second.state else {
        throw ArchitectureError(
          "darts-cells: \(name) node \(nodes.count) reads state \(first.state) twice; "
            + "expected two different states")
      }
      nodes.append(CellGenotype.Node(first, second))
    }
    try scanner.expect("],\(name)_concat=")
    let all = Array(CellGenotype.inputStates..<CellGenotype.inputStates + nodes.count)
    let range = "range(\(CellGenotype.inputStates),\(CellGenotype.inputStates + nodes.count))"
    if scanner.skip(range) { return CellGenotype(nodes: nodes, output: all) }
    let states = try joined(name, outOf: all, &scanner)
    guard kind == .releasedCode || states == all else {
      throw ArchitectureError("darts-cells: \(name) joins states \(states); expected \(all)")
    }
    return CellGenotype(nodes: nodes, output: states)
  }

  /// Reads a list of states, in brackets or, as a tuple, in parentheses.
  private func joined(
    _ cell: String, outOf all: [Int], _ scanner: inout GenotypeScanner
  ) throws(ArchitectureError) -> [Int] {
    let isTuple = scanner.skip("(")
    if !isTuple { try scanner.expect("[") }
    let list = scanner.take { $0 != "]" && $0 != ")" }
    try scanner.expect(isTuple ? ")" : "]")
    let numbers = list.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let states = all.filter { numbers.contains($0) }
    guard !states.isEmpty, states == numbers else {
      throw ArchitectureError(
        "darts-cells: \(cell) joins states '\(list)'; expected some of \(all), ascending")
    }
    return states
  }

  private func input(
    _ cell: String, _ node: Int, of kind: Kind, _ scanner: inout GenotypeScanner
  ) throws(ArchitectureError) -> CellGenotype.Input {
    try scanner.expect("('")
    let name = scanner.take { $0 != "'" }
    guard let operation = kind.operations.first(where: { $0.rawValue == name }) else {
      throw ArchitectureError(
        "darts-cells: \(cell) node \(node) has operation '\(name)'; expected one of "
          + kind.operations.map { $0.rawValue }.joined(separator: ", "))
    }
    try scanner.expect("',")
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
