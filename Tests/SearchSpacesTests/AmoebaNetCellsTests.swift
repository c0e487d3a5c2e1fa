import Randomness
import SearchCore
import SearchSpaces
import Testing

/// The mutations of regularized evolution, counted; tolerances are five standard deviations.
@Suite struct AmoebaNetCellsTests {
  private let space = AmoebaNetCells()

  /// AmoebaNet-A's blocks with the loose ends joined.
  static let text = """
    normal avg_pool_3x3(0)+max_pool_3x3(0) | separable_3x3_2(1)+none(1) | \
    none(0)+avg_pool_3x3(1) | separable_3x3_2(0)+separable_5x5_2(2) | \
    avg_pool_3x3(5)+separable_3x3_2(0); reduction separable_3x3_2(1)+avg_pool_3x3(0) | \
    max_pool_3x3(0)+separable_7x7_2(2) | max_pool_3x3(1)+max_pool_3x3(0) | \
    separable_3x3_2(4)+1x7_7x1(0) | avg_pool_3x3(1)+separable_7x7_2(0)
    """

  @Test func blocksAreReadAndWritten() throws {
    let architecture = try space.parse(Self.text)
    #expect(space.text(of: architecture) == Self.text)
    #expect(architecture.choices.count == 40)
    #expect(space.decisions[2].options.count == 8)
    var published = AmoebaNetCells.found
    let cells = space.cells(of: architecture)
    #expect(published != cells)
    published.normal.output = cells.normal.output
    published.reduction.output = cells.reduction.output
    #expect(published == cells)
  }

  @Test func aBlockOnlyAdds() throws {
    let text = Self.text.replacing("none(0)+", with: "none(0)&")
    #expect(
      throws: ArchitectureError(
        "amoebanet-cells: block normal 2 is 'none(0)&avg_pool_3x3(1)'; expected two inputs and '+'")
    ) { try space.parse(text) }
  }

  private func inputs(_ architecture: Architecture) -> [CellGenotype.Input] {
    let cells = space.cells(of: architecture)
    return (cells.normal.nodes + cells.reduction.nodes).flatMap { $0.inputs }
  }

  /// A twentieth changes nothing; of the rest a half draws an operation, in one of eight cases the
  /// same; the other half changes what a block reads, always.
  @Test func mutationsComeAsOftenAsInThePaper() throws {
    let parent = try space.parse(Self.text)
    var generator = RandomKey(seed: 3).generator()
    var (same, operations, states) = (0, 0, 0)
    let count = 20_000
    for _ in 0..<count {
      let child = space.mutate(parent, using: &generator)
      // The order of blocks may change with what they read.
      if space.identity(of: child) == space.identity(of: parent) {
        same += 1
      } else if zip(inputs(parent), inputs(child)).allSatisfy({ $0.state == $1.state }) {
        operations += 1
      } else {
        states += 1
      }
    }
    func expect(_ found: Int, _ share: Double) {
      let deviation = (Double(count) * share * (1 - share)).squareRoot()
      #expect(abs(Double(found) - Double(count) * share) < 5 * deviation)
    }
    expect(states, 0.475)
    expect(operations, 0.475 * 7 / 8)
    expect(same, 0.05 + 0.475 / 8)
  }

  /// Every input that can be redirected is, to every state that closes no loop, as often as another:
  /// in a chain block i can read the inputs and what does not depend on it.
  @Test func everyPlaceAndEveryStateIsEquallyLikely() throws {
    // Each block reads the one before it twice; the first reads the previous cell.
    let chain = (0..<5).map { block in
      let state = block == 0 ? 0 : block + 1
      return "none(\(state))+avg_pool_3x3(\(state))"
    }.joined(separator: " | ")
    let parent = try space.parse("normal \(chain); reduction \(chain)")
    var generator = RandomKey(seed: 4).generator()
    var readers: [Int: Int] = [:]
    var targets: [Int: Int] = [:]
    var changes = 0
    for _ in 0..<20_000 {
      let child = space.mutate(parent, using: &generator)
      // A chain's blocks stay in order: nothing before a block depends on what comes after it.
      for (index, (before, after)) in zip(inputs(parent), inputs(child)).enumerated()
      where before.state != after.state {
        changes += 1
        readers[index, default: 0] += 1
        // The fourth block of the normal cell.
        if index == 6 || index == 7 { targets[after.state, default: 0] += 1 }
      }
    }
    func isUniform(_ counts: [Int: Int], over kinds: Int) -> Bool {
      let total = Double(counts.values.reduce(0, +))
      let deviation = (total / Double(kinds)).squareRoot()
      return counts.count == kinds
        && counts.values.allSatisfy { abs(Double($0) - total / Double(kinds)) < 5 * deviation }
    }
    #expect(isUniform(readers, over: 20))
    // It reads state 4; states 0 to 3 close no loop.
    #expect(targets.keys.sorted() == [0, 1, 2, 3])
    #expect(isUniform(targets, over: 4))
    #expect(abs(Double(changes) - 9500) < 5 * (20_000 * 0.475 * 0.525).squareRoot())
  }

  /// Blocks that read the cell's inputs alone can read each other, later ones too; the blocks are
  /// then put in order, and the same function has the same identity.
  @Test func aBlockCanReadALaterOne() throws {
    let flat = Array(repeating: "none(0)+avg_pool_3x3(1)", count: 5).joined(separator: " | ")
    let parent = try space.parse("normal \(flat); reduction \(flat)")
    var generator = RandomKey(seed: 5).generator()
    var looseEnds: [Int: Int] = [:]
    for _ in 0..<4000 {
      let child = space.mutate(parent, using: &generator)
      #expect(try space.parse(space.text(of: child)) == child)
      let cells = space.cells(of: child)
      for cell in [cells.normal, cells.reduction] {
        looseEnds[cell.output.count, default: 0] += 1
      }
    }
    // Reading another block takes one of the five loose ends away: of the 5 other states 4 do.
    #expect(looseEnds.keys.sorted() == [4, 5])
    let expected = 4000 * 0.475 * 4 / 5
    #expect(abs(Double(looseEnds[4] ?? 0) - expected) < 5 * expected.squareRoot())
  }

  @Test func everySampleSurvivesARoundTrip() throws {
    var generator = RandomKey(seed: 1).generator()
    for _ in 0..<200 {
      let architecture = space.sample(using: &generator)
      #expect(try space.parse(space.text(of: architecture)) == architecture)
    }
  }
}
