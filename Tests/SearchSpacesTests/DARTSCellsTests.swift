import NeuralNetworks
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing

@Suite struct DARTSCellsTests {
  private let space = DARTSCells()

  /// As the released `genotypes.py` prints it.
  static let secondOrder = """
    Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), \
    ('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), \
    ('dil_conv_3x3', 2)], normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), \
    ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), \
    ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))
    """

  static let firstOrder = """
    Genotype(normal=[('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 0), \
    ('sep_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), \
    ('skip_connect', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), \
    ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 0), ('max_pool_3x3', 0), \
    ('skip_connect', 2), ('skip_connect', 2), ('avg_pool_3x3', 0)], reduce_concat=[2, 3, 4, 5])
    """

  @Test(arguments: [(secondOrder, DARTSCells.secondOrder), (firstOrder, DARTSCells.firstOrder)])
  func publishedGenotypesAreReadAndWritten(text: String, cells: CellPair) throws {
    let architecture = try space.parse(text)
    #expect(space.cells(of: architecture) == cells)
    let written = space.text(of: architecture)
    #expect(written == text.replacingConcatenations)
    #expect(try space.parse(written) == architecture)
  }

  @Test(
    arguments: [
      ("", "darts-cells: found ''; expected 'Genotype('"),
      (
        String(repeating: "x", count: 4001),
        "darts-cells: text has 4001 bytes; expected at most 4000"
      ),
      (
        "Genotype(normal=[('conv', 0)",
        "darts-cells: normal node 0 has operation 'conv'; expected one of max_pool_3x3, "
          + "avg_pool_3x3, skip_connect, sep_conv_3x3, sep_conv_5x5, dil_conv_3x3, dil_conv_5x5"
      ),
      (
        "Genotype(normal=[('skip_connect', 2)",
        "darts-cells: normal node 0 reads state '2'; expected 0 to 1"
      ),
      (
        "Genotype(normal=[('skip_connect', 1), ('skip_connect', 1)",
        "darts-cells: normal node 0 reads state 1 twice; expected two different states"
      ),
      (secondOrder + " x", "darts-cells: found 'x' behind the genotype"),
      (
        secondOrder.dropLast(12) + "range(2, 5))",
        "darts-cells: found 'range(2,5))'; expected '['"
      ),
    ] as [(String, String)])
  func refusesOtherTexts(text: String, message: String) {
    #expect(throws: ArchitectureError(message)) { try space.parse(text) }
  }

  // MARK: Other authors

  /// As the authors of P-DARTS print it.
  private static let pdarts =
    "Genotype(normal=[('skip_connect', 0), ('dil_conv_3x3', 1), ('skip_connect', 0),"
    + "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('sep_conv_3x3', 3), ('sep_conv_3x3',0), "
    + "('dil_conv_5x5', 4)], normal_concat=range(2, 6), reduce=[('avg_pool_3x3', 0), "
    + "('sep_conv_5x5', 1), ('sep_conv_3x3', 0), ('dil_conv_5x5', 2), ('max_pool_3x3', 0), "
    + "('dil_conv_3x3', 1), ('dil_conv_3x3', 1), ('dil_conv_5x5', 3)], reduce_concat=range(2, 6))"

  /// PC-DARTS' cell as the scripts of random search with weight sharing print it.
  private static let partial =
    "Genotype(normal=[('sep_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 0), "
    + "('dil_conv_3x3', 1), ('sep_conv_5x5', 0), ('sep_conv_3x3', 1), ('avg_pool_3x3', 0), "
    + "('dil_conv_3x3', 1)], normal_concat=[2,3,4,5], reduce=[('sep_conv_5x5', 1), "
    + "('max_pool_3x3', 0), ('sep_conv_5x5', 1), ('sep_conv_5x5', 2), ('sep_conv_3x3', 0), "
    + "('sep_conv_3x3', 3), ('sep_conv_3x3', 1), ('sep_conv_3x3', 2)], reduce_concat=[2,3,4,5])"

  /// Their papers: 3.4 and 3.6 million; the exact numbers are those of their code.
  @Test(arguments: [(pdarts, 3_433_798), (partial, 3_634_678)])
  func cellsOfOtherAuthorsHaveTheirParameters(text: String, parameters: Int) throws {
    let found = try PublishedArchitecture(reading: text, in: space)
    var options = NetworkOptions()
    options.hasAuxiliaryHead = true
    let size = ArchitectureSize(of: found.network(scale: found.scale, options: options))
    #expect(size.parameters == parameters)
    #expect(size.auxiliaryParameters == 476_426)
  }

  /// What Python reads alike is read alike.
  private static let spellings: [@Sendable (String) -> String] = [
    { $0.filter { $0 != " " } },
    { $0.replacing("'", with: "\"") },
    { $0.replacing("'", with: "\u{2019}") },
    { $0.replacing("), (", with: "),\n          (") + "\n" },
    { $0.replacing(", ", with: ",\r\n\t") },
    { $0.replacing(")]", with: "),\n]").replacing("6))", with: "6),\n)") },
    { $0.replacing("range(2, 6)", with: "[2, 3, 4, 5,]") },
    { $0.replacing("range(2, 6)", with: "(2, 3, 4, 5)") },
    { $0.replacing("range(2, 6)", with: "list(range(2, 6))") },
    {
      "# Found with seed 2.\nMyCell_2 = " + $0.replacing(" reduce=", with: " # (normal)\n reduce=")
    },
    { "06/12 10:01:00 PM genotype = " + $0 },
    { "\u{FEFF}" + $0 },
  ]

  @Test(arguments: spellings.indices, [secondOrder, firstOrder, pdarts, partial])
  func everySpellingIsRead(index: Int, text: String) throws {
    let cells = try space.cells(in: text)
    let plain = space.text(of: cells)
    #expect(try space.cells(in: Self.spellings[index](plain)) == cells)
    #expect(try space.text(of: space.parse(Self.spellings[index](plain))) == plain)
  }

  @Test(arguments: ["range(2, 5)", "[2, 3, 5]", "range(3, 6)", "(2, 3]", "[2; 3]", "list(2, 6)"])
  func otherJoinsAreRefused(join: String) {
    let text = Self.secondOrder.replacing("range(2, 6)", with: join)
    #expect(throws: ArchitectureError.self) { try space.parse(text) }
  }

  /// AmoebaNet-A as the released code has it is no cell of the space, but can be read as cells.
  @Test(
    arguments: [
      (
        "Genotype(normal=[('conv_3x3', 0)",
        "darts-cells: normal node 0 has operation 'conv_3x3'; expected one of max_pool_3x3, "
          + "avg_pool_3x3, skip_connect, sep_conv_3x3, sep_conv_5x5, dil_conv_3x3, dil_conv_5x5, "
          + "sep_conv_7x7, conv_7x1_1x7"
      ),
      (
        "Genotype(normal=[('skip_connect', 1), ('skip_connect', 1)], normal_concat=[3])",
        "darts-cells: normal joins states '3'; expected some of [2], ascending"
      ),
      (
        "Genotype(normal=[('skip_connect', 1), ('skip_connect', 1)], normal_concat=[2, 2])",
        "darts-cells: normal joins states '2,2'; expected some of [2], ascending"
      ),
      (
        "Genotype(normal=[], normal_concat=[])",
        "darts-cells: found '],normal_concat=[])'; expected '(''"
      ),
    ] as [(String, String)])
  func refusesOtherCells(text: String, message: String) {
    #expect(throws: ArchitectureError(message)) { try space.cells(in: text) }
  }

  @Test func cellsOutsideTheSpaceAreNoArchitecture() throws {
    let text = space.text(of: DARTSCells.amoebaNet)
    #expect(try space.cells(in: text) == DARTSCells.amoebaNet)
    #expect(
      throws: ArchitectureError(
        "darts-cells: normal node 3 reads state 1 twice; expected two different states")
    ) { try space.parse(text) }
  }

  @Test func everySampleSurvivesARoundTrip() throws {
    var generator = RandomKey(seed: 1).generator()
    for _ in 0..<200 {
      let architecture = space.sample(using: &generator)
      #expect(try space.parse(space.text(of: architecture)) == architecture)
    }
  }

  @Test func mutationChangesOneInputOrOperation() {
    var generator = RandomKey(seed: 2).generator()
    var changedInputs = 0
    for _ in 0..<2000 {
      let parent = space.sample(using: &generator)
      let child = space.mutate(parent, using: &generator)
      let (before, after) = (space.cells(of: parent), space.cells(of: child))
      let changes = zip(
        before.normal.nodes + before.reduction.nodes, after.normal.nodes + after.reduction.nodes
      ).flatMap { zip($0.inputs, $1.inputs).filter { $0 != $1 } }
      #expect(changes.count == 1)
      changedInputs += changes.count { $0.0.state != $0.1.state }
    }
    // A half of the mutations, less those of the first of four nodes: 750 expected with a standard
    // deviation of 22.
    #expect(abs(changedInputs - 750) < 110)
  }

  /// Nodes 1 and 2 of the second-order cell swapped, and a node's inputs.
  @Test func identityIgnoresTheOrderOfNodesAndInputs() {
    var cells = DARTSCells.secondOrder
    cells.normal.nodes.swapAt(1, 2)
    let node = cells.normal.nodes[0]
    cells.normal.nodes[0] = .init(node.second, node.first)
    cells.normal.nodes[3].second.state = 2
    let one = space.identity(of: architecture(cells))
    #expect(one == space.identity(of: architecture(DARTSCells.secondOrder)))
    cells.normal.nodes[3].second.operation = .dilated5x5
    #expect(one != space.identity(of: architecture(cells)))
  }

  private func architecture(_ cells: CellPair) -> Architecture { space.architecture(of: cells) }
}

extension String {
  /// The list form of `concat` as the other form, which is written.
  fileprivate var replacingConcatenations: String {
    split(separator: "[2, 3, 4, 5]", omittingEmptySubsequences: false).joined(
      separator: "range(2, 6)")
  }
}
