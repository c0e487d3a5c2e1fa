import SearchCore

extension BlockCells {
  /// Longest text that is looked at, in bytes; the longest cells have about 600.
  private static let longestText = 1200

  /// Writes `normal separable_5x5_2(0)+separable_3x3_2(1) | … ; reduction …`: block by block, the
  /// operations by their names in the released code, `+` for a sum and `&` for a concatenation.
  ///
  /// A cell ends in `| joins 1 2 3` where its output is not made of the loose ends alone.
  func text(of cells: CellPair) -> String {
    func text(_ cell: CellGenotype) -> String {
      var parts = cell.nodes.map { node in
        node.inputs.map { input in
          let name = candidates.first { $0.operation == input.operation }?.name
          return "\(name ?? input.operation.rawValue)(\(Self.renumbered(input.state)))"
        }.joined(separator: node.combiner == .add ? "+" : "&")
      }
      if cell.output != cell.looseEnds {
        let states = cell.output.map(Self.renumbered).sorted()
        parts.append("joins " + states.map(String.init).joined(separator: " "))
      }
      return parts.joined(separator: " | ")
    }
    return "normal \(text(cells.normal)); reduction \(text(cells.reduction))"
  }

  /// Reads cells.
  func cells(in text: String) throws(ArchitectureError) -> CellPair {
    guard text.utf8.count <= Self.longestText else {
      throw error("text has \(text.utf8.count) bytes; expected at most \(Self.longestText)")
    }
    let parts = text.split(separator: ";", omittingEmptySubsequences: false)
    guard parts.count == Self.cellNames.count else {
      throw error("found \(parts.count) cell(s); expected 'normal …; reduction …'")
    }
    return CellPair(
      normal: try cell(Self.cellNames[0], parts[0]),
      reduction: try cell(Self.cellNames[1], parts[1]))
  }

  /// Reads an architecture: cells whose output joins the loose ends, as all in the space do.
  func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    let cells = try cells(in: text)
    for (name, cell) in zip(Self.cellNames, [cells.normal, cells.reduction])
    where cell.output != cell.looseEnds {
      func list(_ states: [Int]) -> String {
        states.map(Self.renumbered).sorted().map(String.init).joined(separator: " ")
      }
      throw error(
        "the \(name) cell joins \(list(cell.output)); in this space every cell joins its loose "
          + "ends, here \(list(cell.looseEnds))")
    }
    return architecture(of: cells)
  }

  private func cell(
    _ name: String, _ text: Substring
  ) throws(ArchitectureError) -> CellGenotype {
    let trimmed = text.split { $0.isWhitespace }.joined(separator: " ")
    guard trimmed.hasPrefix("\(name) ") else {
      throw error("found '\(trimmed.prefix(20))'; expected '\(name) '")
    }
    var parts = trimmed.dropFirst(name.count).split(
      separator: "|", omittingEmptySubsequences: false
    ).map { $0.split(separator: " ").joined(separator: " ") }
    let joins = parts.last?.hasPrefix("joins ") ?? false ? parts.removeLast() : nil
    guard parts.count == Self.blocks else {
      throw error(
        "the \(name) cell has \(parts.count) block(s); expected \(Self.blocks) joined by '|'")
    }
    var nodes: [CellGenotype.Node] = []
    for (index, part) in parts.enumerated() { nodes.append(try node("\(name) \(index)", part)) }
    guard let joins else { return CellGenotype(joiningLooseEnds: nodes) }
    return CellGenotype(nodes: nodes, output: try output(name, joins))
  }

  private func node(
    _ place: String, _ text: String
  ) throws(ArchitectureError) -> CellGenotype.Node {
    let isJoined = text.contains("&")
    let combiner = isJoined ? CellGenotype.Combiner.concatenate : .add
    let parts = text.split(separator: isJoined ? "&" : "+", omittingEmptySubsequences: false)
    guard parts.count == 2, combiners.contains(combiner) else {
      let expected = combiners.count > 1 ? "two inputs joined by '+' or '&'" : "two inputs and '+'"
      throw error("block \(place) is '\(text)'; expected \(expected)")
    }
    return CellGenotype.Node(try input(place, parts[0]), try input(place, parts[1]), combiner)
  }

  private func input(
    _ place: String, _ text: Substring
  ) throws(ArchitectureError) -> CellGenotype.Input {
    let parts = text.filter { $0 != " " }.split(separator: "(", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].hasSuffix(")") else {
      throw error("block \(place) reads '\(text)'; expected an operation and a state: none(0)")
    }
    guard let candidate = candidates.first(where: { $0.name == parts[0] }) else {
      throw error(
        "block \(place) has operation '\(parts[0])'; expected one of "
          + candidates.map { $0.name }.joined(separator: ", "))
    }
    let block = place.split(separator: " ").last.flatMap { Int($0) } ?? 0
    let states = block + CellGenotype.inputStates
    guard let state = Int(parts[1].dropLast()), (0..<states).contains(state) else {
      throw error(
        "block \(place) reads state '\(parts[1].dropLast())'; expected 0 to \(states - 1)")
    }
    return .init(candidate.operation, Self.renumbered(state))
  }

  private func output(_ name: String, _ text: String) throws(ArchitectureError) -> [Int] {
    let last = Self.blocks + CellGenotype.inputStates - 1
    var states: [Int] = []
    for part in text.split(separator: " ").dropFirst() {
      guard let state = Int(part), (0...last).contains(state),
        !states.contains(Self.renumbered(state))
      else {
        throw error("the \(name) cell joins '\(part)'; expected different states from 0 to \(last)")
      }
      states.append(Self.renumbered(state))
    }
    return states.sorted()
  }

  private func error(_ text: String) -> ArchitectureError { ArchitectureError("\(space): \(text)") }
}
