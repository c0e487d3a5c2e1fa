import Randomness
import SearchCore
import SearchSpaces
import Testing

@Suite struct NASNetCellsTests {
  private let space = NASNetCells()

  /// NASNet-A without the joined input: what the space's own rule makes of its blocks.
  static let text = """
    normal separable_5x5_2(0)+separable_3x3_2(1) | separable_5x5_2(1)+separable_3x3_2(1) | \
    avg_pool_3x3(0)+none(1) | avg_pool_3x3(1)+avg_pool_3x3(1) | separable_3x3_2(0)+none(0); \
    reduction separable_5x5_2(0)+separable_7x7_2(1) | max_pool_3x3(0)+separable_7x7_2(1) | \
    avg_pool_3x3(0)+separable_5x5_2(1) | none(3)+avg_pool_3x3(2) | \
    separable_3x3_2(2)+max_pool_3x3(0)
    """

  @Test func blocksAreReadAndWritten() throws {
    let architecture = try space.parse(Self.text)
    #expect(space.text(of: architecture) == Self.text)
    // First block: the previous cell, the one before, separable 5x5, separable 3x3, add.
    #expect(architecture.choices.prefix(5) == [0, 1, 11, 10, 0])
    #expect(architecture.choices.count == 50)
    let cells = space.cells(of: architecture)
    #expect(cells.normal.output == [2, 3, 4, 5, 6])
    // As published, where the previous cell's input is joined too: state 1 here, 0 in DARTS' order.
    var published = NASNetCells.found
    #expect(published.normal.output == [0, 2, 3, 4, 5, 6])
    published.normal.output = cells.normal.output
    #expect(published.reduction.output == [3, 4, 5, 6])
    #expect(cells.reduction.output == [4, 5, 6])
    published.reduction.output = cells.reduction.output
    #expect(published == cells)
  }

  @Test func joinedBlocksAndOutputsAreReadAndWritten() throws {
    let text = Self.text.replacing("separable_5x5_2(0)+", with: "separable_5x5_2(0)&")
      .replacing("none(0); ", with: "none(0) | joins 1 4; ")
    let cells = try space.cells(in: text)
    #expect(cells.normal.nodes[0].combiner == .concatenate)
    #expect(cells.normal.output == [0, 4])
    #expect(space.text(of: cells) == text)
  }

  @Test(
    arguments: [
      (String(repeating: "x", count: 1201), "text has 1201 bytes; expected at most 1200"),
      ("normal", "found 1 cell(s); expected 'normal …; reduction …'"),
      ("reduce x; reduction", "found 'reduce x'; expected 'normal '"),
      (
        "normal none(0)+none(0); reduction",
        "the normal cell has 1 block(s); expected 5 joined by '|'"
      ),
      (
        text.replacing("none(3)+avg", with: "none(5)+avg"),
        "block reduction 3 reads state '5'; expected 0 to 4"
      ),
      (
        text.replacing("none(3)+avg", with: "none(-1)+avg"),
        "block reduction 3 reads state '-1'; expected 0 to 4"
      ),
      (
        text.replacing("none(3)+avg", with: "none3+avg"),
        "block reduction 3 reads 'none3'; expected an operation and a state: none(0)"
      ),
      (
        text.replacing("none(3)+avg", with: "none(3),avg"),
        "block reduction 3 is 'none(3),avg_pool_3x3(2)'; expected two inputs joined by '+' or '&'"
      ),
      (
        text.replacing("none(3)+avg", with: "conv(3)+avg"),
        "block reduction 3 has operation 'conv'; expected one of none, 1x3_3x1, 1x7_7x1, "
          + "dilated_3x3_rate_2, avg_pool_3x3, max_pool_3x3, max_pool_5x5, max_pool_7x7, 1x1, 3x3, "
          + "separable_3x3_2, separable_5x5_2, separable_7x7_2"
      ),
      (
        text + " | joins 3 3",
        "the reduction cell joins '3'; expected different states from 0 to 6"
      ),
      (
        text + " | joins 3 4 5",
        "the reduction cell joins 3 4 5; in this space every cell joins its loose ends, here 4 5 6"
      ),
    ] as [(String, String)])
  func refusesOtherTexts(text: String, message: String) {
    #expect(throws: ArchitectureError("nasnet-cells: \(message)")) { try space.parse(text) }
  }

  @Test func everySampleSurvivesARoundTrip() throws {
    var generator = RandomKey(seed: 1).generator()
    for _ in 0..<200 {
      let architecture = space.sample(using: &generator)
      #expect(try space.parse(space.text(of: architecture)) == architecture)
      let child = space.mutate(architecture, using: &generator)
      #expect(zip(architecture.choices, child.choices).count { $0 != $1 } == 1)
    }
  }

  @Test func identityKnowsTheCombinerAndIgnoresTheOrder() throws {
    let one = try space.parse(Self.text)
    let turned = try space.parse(
      Self.text.replacing(
        "separable_5x5_2(0)+separable_3x3_2(1)", with: "separable_3x3_2(1)+separable_5x5_2(0)"))
    let joined = try space.parse(
      Self.text.replacing(
        "separable_5x5_2(0)+separable_3x3_2(1)", with: "separable_5x5_2(0)&separable_3x3_2(1)"))
    #expect(space.identity(of: one) == space.identity(of: turned))
    #expect(space.identity(of: one) != space.identity(of: joined))
  }

  /// A concatenation doubles a block's channels, and brings what reads it back by a 1x1
  /// convolution: 8 blocks of the last stage's 16 channels more in front of the classifier.
  @Test func joinedBlocksAreTwiceAsWide() throws {
    let text = Self.text.replacing("avg_pool_3x3(0)+none(1)", with: "avg_pool_3x3(0)&none(1)")
    func parameters(_ text: String) throws -> Int {
      space.network(
        of: try space.parse(text), scale: .init(channels: 4, cells: 1), classes: 10
      ).parameters.count
    }
    // Every cell that reads a normal cell's output has 4, 8 or 16 more inputs in its adapters:
    // cells 1 and 2 read cell 0 (adapters of 8 channels), 3 and 4 read cell 2 (16), and the
    // classifier reads cell 4.
    let more = 2 * 4 * 8 + 2 * 8 * 16 + 16 * 10
    #expect(try parameters(text) == parameters(Self.text) + more)
  }
}
