import NeuralNetworks
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing

/// The spaces of recurrent cells: notations, identities, and models of all their cells.
@Suite struct RecurrentSpacesTests {
  static let spaces = SearchSpaceCatalog.all.compactMap { $0 as? any LanguageSearchSpace }
  private static let text = TextBatch(
    text: (0..<64).map { Int32($0 * $0 % 11) }, batch: 16)

  @Test func fourSpacesHaveLanguageModels() {
    #expect(
      Self.spaces.map { type(of: $0).name } == [
        "darts-recurrent", "enas-lm", "enas-recurrent", "nas-recurrent",
      ])
  }

  private func space(_ name: String) throws -> any LanguageSearchSpace {
    try #require(SearchSpaceCatalog.named(name) as? any LanguageSearchSpace)
  }

  @Test(arguments: spaces.map { type(of: $0).name })
  func drawnAndChangedCellsAreReadAgain(name: String) throws {
    let space = try space(name)
    var generator = RandomKey(seed: 3).generator()
    for _ in 0..<200 {
      let cell = space.sample(using: &generator)
      let neighbour = space.mutate(cell, using: &generator)
      #expect(zip(cell.choices, neighbour.choices).filter { $0 != $1 }.count == 1)
      for one in [cell, neighbour] { #expect(try space.parse(space.text(of: one)) == one) }
      let graph = try #require(space.graphs(of: cell).first)
      // From earlier to later nodes, so that it can be drawn; each but the inputs is entered.
      #expect(graph.edges.allSatisfy { $0.source < $0.target })
      let entered = Set(graph.edges.map { $0.target })
      #expect(entered.count >= graph.nodes.count - 3)
    }
  }

  /// From the definitions: 4 functions and any earlier state of 8 nodes; of 11 nodes behind one
  /// with a function too; 15 nodes and an injection of 2 · 4, and two of 15 indices, which is the
  /// paper's 6 · 10¹⁶.
  @Test func sizesOfTheSpaces() {
    func size(_ space: any SearchSpace) -> Double {
      space.decisions.reduce(1) { $0 * Double($1.options.count) }
    }
    #expect(size(DARTSRecurrent()) == 65_536 * 40_320)
    #expect(size(ENASLanguage()) == size(DARTSRecurrent()))
    #expect(size(ENASRecurrent()) == 16_777_216 * 39_916_800)
    #expect(size(NASRecurrent()) == 281_474_976_710_656 * 225)
    #expect(abs(size(NASRecurrent()) / 6e16 - 1) < 0.06)
  }

  // MARK: Notations

  /// `DARTS_V2` as the released `genotypes.py` has it.
  @Test func releasedGenotypesAreRead() throws {
    let found = try #require(PublishedCells.named("darts-rnn-v2"))
    let released = """
      Genotype(recurrent=[('sigmoid', 0), ('relu', 1), ('relu', 1), ('identity', 1), ('tanh', 2), \
      ('sigmoid', 5), ('tanh', 3), ('relu', 5)], concat=range(1, 9))
      """
    let space = DARTSRecurrent()
    #expect(space.text(of: try space.parse(released)) == found.text)
    #expect(
      found.text == "sigmoid(0) relu(1) relu(1) identity(1) tanh(2) sigmoid(5) tanh(3) relu(5)")
    #expect(
      PublishedCells.named("darts-rnn-v1")?.text
        == "relu(0) relu(1) tanh(2) relu(3) relu(4) identity(1) relu(5) relu(1)")
  }

  /// The cell of DARTS as `enas_lm`'s README writes it, and their own.
  @Test func theCorrectedSpaceOfENASHasTheCellsOfDARTS() throws {
    let space = ENASLanguage()
    let cell = try space.parse("0 2 1 1 1 1 1 3 2 0 5 2 3 0 5 1")
    #expect(space.genotype(of: cell) == .secondOrder)
    let found = try #require(PublishedCells.named("enas-lm"))
    #expect(found.text == ENASLanguage.published)
    #expect(
      space.genotype(of: try space.parse(found.text)).nodes.map { "\($0.activation)" } == [
        "sigmoid", "tanh", "relu", "sigmoid", "tanh", "tanh", "sigmoid", "sigmoid",
      ])
  }

  /// What other authors and editors make of the notations.
  private static let spellings: [@Sendable (String) -> String] = [
    { $0.filter { $0 != " " } },
    { $0.replacing("'", with: "\"") },
    { $0.replacing(", (", with: ",\r\n  (") + "\r\n" },
    { $0.replacing(")]", with: "),]").replacing("range(1, 9)", with: "[1, 2, 3, 4, 5, 6, 7, 8,]") },
    { "# Second order.\nDARTS = " + $0.replacing("range(1, 9)", with: "list(range(1, 9))") },
    { "\u{FEFF}" + $0 },
  ]

  @Test(arguments: spellings.indices)
  func everySpellingIsRead(index: Int) throws {
    let found = try #require(PublishedCells.named("darts-rnn-v2"))
    let space = DARTSRecurrent()
    let pairs = found.text.split(separator: " ").map { node in
      let halves = node.dropLast().split(separator: "(")
      return "('\(halves[0])', \(halves[1]))"
    }
    let text = "Genotype(recurrent=[\(pairs.joined(separator: ", "))], concat=range(1, 9))"
    #expect(space.text(of: try space.parse(Self.spellings[index](text))) == found.text)
  }

  @Test(arguments: ["[A]", "A\r\n", "[[A]]", "\u{FEFF}A", " A "], ["\n", ", ", "\t"])
  func arcsAreReadInBracketsAndLines(form: String, separator: String) throws {
    let space = ENASRecurrent()
    let text = form.replacing("A", with: ENASRecurrent.published.replacing(" ", with: separator))
    #expect(space.text(of: try space.parse(text)) == ENASRecurrent.published)
  }

  @Test func theCellsOfENASAverageTheirLooseEnds() throws {
    let space = ENASRecurrent()
    let script = try #require(PublishedCells.named("enas-ptb"))
    #expect(script.text == ENASRecurrent.published)
    // By hand: nodes 0, 1, 2, 5, 6 and 8 are read.
    #expect(space.genotype(of: try space.parse(script.text)).outputs == [3, 4, 7, 9, 10, 11])
    let other = try #require(PublishedCells.named("enas-ptb-darts"))
    // `concat` of the released `genotypes.py`.
    #expect(space.genotype(of: try space.parse(other.text)).outputs == [2, 5, 6, 9, 10, 11])
    #expect(other.text == "0 0 0 1 0 1 1 3 0 3 0 3 1 4 1 7 1 8 1 8 1 8 1")
  }

  @Test(arguments: PublishedCells.all.map { $0.name })
  func publishedCellsAreReadAgain(name: String) throws {
    let found = try #require(PublishedCells.named(name))
    let space = try #require(SearchSpaceCatalog.named(found.space) as? any LanguageSearchSpace)
    let read = try PublishedCell(reading: found.text, in: space)
    #expect(read.text == found.text && read.graphs == found.graphs)
    #expect(read.training == found.training)
    #expect(PublishedCells.all.map { $0.name } == PublishedCells.all.map { $0.name }.sorted())
  }

  @Test(arguments: [
    ("darts-recurrent", "", "darts-recurrent: found 0 node(s) in ''; expected 8"),
    (
      "darts-recurrent", "relu(0) relu(2) a(0) a(0) a(0) a(0) a(0) a(0)",
      "darts-recurrent: node 2 reads state '2'; expected 0 to 1"
    ),
    (
      "darts-recurrent", "relu(0) elu(1) a(0) a(0) a(0) a(0) a(0) a(0)",
      "darts-recurrent: node 2 has function 'elu'; expected one of tanh, relu, sigmoid, identity"
    ),
    (
      "darts-recurrent", "Genotype(recurrent=[('relu', 0)], concat=range(1, 2))",
      "darts-recurrent: found '],concat=range(1,2))'; expected ',(''"
    ),
    ("enas-recurrent", "0 0", "enas-recurrent: found 2 number(s); expected 23"),
    (
      "enas-recurrent", "0 1 0 1 1 2 1 2 0 2 0 5 1 1 0 6 1 8 1 8 1 8 1",
      "enas-recurrent: node 1 reads '1'; expected 0"
    ),
    (
      "enas-recurrent", "0 0 4 1 1 2 1 2 0 2 0 5 1 1 0 6 1 8 1 8 1 8 1",
      "enas-recurrent: node 1 has function '4'; expected 0 to 3"
    ),
    ("enas-lm", "0 2 1", "enas-lm: found 3 number(s); expected 16"),
    (
      "enas-lm", "0 2 2 0 2 1 2 2 4 0 5 0 3 2 6 2", "enas-lm: node 2 reads '2'; expected 0 to 1"
    ),
    (
      "enas-lm", "0 2 1 4 2 1 2 2 4 0 5 0 3 2 6 2",
      "enas-lm: node 2 has function '4'; expected 0 to 3"
    ),
    ("nas-recurrent", "add", "nas-recurrent: found 1 word(s); expected 34"),
    (
      "nas-recurrent", String(repeating: "add max ", count: 17),
      "nas-recurrent: node 0 function is 'max'; expected one of identity, tanh, sigmoid, relu"
    ),
  ])
  func otherTextsAreRefused(space: String, text: String, message: String) throws {
    let space = try #require(SearchSpaceCatalog.named(space))
    #expect(throws: ArchitectureError(message)) { try space.parse(text) }
  }

  // MARK: Identities

  /// The same tree of nodes in another order; then one function changes.
  @Test func orderOfNodesDoesNotMatter() throws {
    let space = DARTSRecurrent()
    func identity(_ text: String) throws -> String { space.identity(of: try space.parse(text)) }
    let one = "relu(0) tanh(0) relu(1) tanh(2) relu(0) relu(0) relu(0) relu(3)"
    let other = "tanh(0) relu(0) tanh(1) relu(2) relu(4) relu(0) relu(0) relu(0)"
    let changed = "tanh(0) relu(0) tanh(1) relu(2) tanh(4) relu(0) relu(0) relu(0)"
    #expect(try identity(one) == identity(other))
    #expect(try identity(one) != identity(changed))
  }

  /// The children of the root changed places, with all below and both indices; then one index.
  @Test func orderOfChildrenDoesNotMatter() throws {
    let space = NASRecurrent()
    func identity(_ text: String) throws -> String { space.identity(of: try space.parse(text)) }
    let same = String(repeating: "add tanh ", count: 7)
    let one =
      "add relu " + same + "add tanh add tanh add tanh add tanh add tanh elem_mult relu "
      + "add tanh add tanh 0 13"
    let other =
      same + "add relu add tanh add tanh add tanh add tanh elem_mult relu add tanh "
      + "add tanh add tanh 7 12"
    #expect(try identity(one) == identity(other))
    let moved = String(other.dropLast(4)) + "6 12"
    #expect(try identity(one) != identity(moved))
  }

  // MARK: Models

  /// By hand, for 10,000 words and h units, tied: 10,000 h + 10,000, and of the cell (2h)² and 2h²
  /// a node, or 16 h² a layer of eight leaves.
  @Test(arguments: [
    ("darts-rnn-v1", 850, 22_960_000), ("darts-rnn-v2", 850, 22_960_000),
    ("enas-lm", 800, 8_000_000 + 10_000 + 20 * 640_000),
    ("enas-ptb", 748, 7_480_000 + 10_000 + 26 * 559_504),
    ("enas-ptb-darts", 748, 7_480_000 + 10_000 + 26 * 559_504),
    ("nas-cell", 740, 7_400_000 + 10_000 + 32 * 547_600),
  ])
  func parametersOfPublishedCells(name: String, hidden: Int, count: Int) throws {
    let cell = try #require(PublishedCells.named(name))
    #expect(cell.training.hidden == hidden)
    let size = LanguageModelSize(of: cell.model(words: 10_000, training: cell.training))
    #expect(size.parameters == count)
    // All weights but embedding's look-up and biases are multiplied once; the tied ones are.
    #expect(size.multiplyAdds == count - 10_000)
  }

  /// All gradients of drawn cells of each space, everything dropping out.
  @Test(arguments: spaces.map { type(of: $0).name }, [false, true])
  func gradientsEqualCentralDifferences(name: String, isShared: Bool) throws {
    let space = try space(name)
    let training = TextTraining(
      hidden: 6, layers: 2, sumsOverSteps: false, tiedEmbeddings: true, initialBound: 0.6,
      wordDropout: 0.1, embeddingDropout: 0.2, inputDropout: 0.3, hiddenDropout: 0.25,
      outputDropout: 0.3, variationalDropout: true, activationRegularization: 0.5,
      temporalRegularization: 0.5)
    var generator = RandomKey(seed: 9).generator()
    let context = try ComputeContext(threads: 2)
    var reached = 0
    for _ in 0..<4 {
      let cell = space.sample(using: &generator)
      guard isShared else {
        reached += try compare(space.model(of: cell, words: 11, training: training), context)
        continue
      }
      guard let sharing = space as? any WeightSharingLanguageSpace else { return }
      reached += try compare(
        sharing.sharedWeights(words: 11, training: training).child(of: cell), context)
    }
    #expect(reached >= 16)
  }

  /// - Returns: How many parameters have a gradient: some drawn trees let little through.
  private func compare(_ model: any LanguageModel, _ context: ComputeContext) throws -> Int {
    model.parameters.allocate(in: context, key: RandomKey(seed: 2))
    func loss() -> Double {
      let tape = Tape(context, isTraining: true)
      model.parameters.clearGradients()
      let scored = model.score(
        Self.text, from: model.initialState(batch: 16, on: tape), on: tape,
        during: TrainingPass(key: RandomKey(seed: 6), progress: 0))
      tape.backward()
      return scored.totalLoss
    }
    _ = loss()
    let touched = model.parameters.touched.filter { parameter in
      model.parameters.gradient(of: parameter).contains { $0 != 0 }
    }
    let gradients = touched.map { model.parameters.gradient(of: $0) }
    for (parameter, gradient) in zip(touched, gradients) {
      let values = model.parameters.values(of: parameter)
      let index = gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) } ?? 0
      let losses = [-0.0005, 0, 0.0005].map { (offset: Float) -> Double in
        var moved = values
        moved[index] += offset
        model.parameters.assign(moved, to: parameter)
        return loss()
      }
      model.parameters.assign(values, to: parameter)
      // From both sides and from each alone: beside a rectifier's kink one of them is off.
      let slopes: [Double] = [
        (losses[2] - losses[0]) / 0.001, (losses[1] - losses[0]) / 0.0005,
        (losses[2] - losses[1]) / 0.0005,
      ]
      let expected = Double(gradient[index])
      let distance = slopes.map { abs($0 - expected) }.min() ?? .nan
      #expect(distance < 2e-3 + 0.02 * abs(expected), "\(parameter.name)")
    }
    return touched.count
  }

  // MARK: Shared weights

  /// By hand, h = 6, one layer, 11 words: embedding and bias; 4 first matrices of (2h)²; of each
  /// node i from 1 to 11 four matrices 2h² for each of i earlier states. In DARTS' space one first
  /// matrix and one a node.
  @Test(arguments: [
    ("enas-recurrent", 77 + 4 * 144 + 66 * 4 * 72), ("enas-lm", 77 + 144 + 36 * 4 * 72),
    ("darts-recurrent", 77 + 9 * 72 + 72),
  ])
  func sharedWeightsAreCounted(name: String, count: Int) throws {
    let space = try #require(
      SearchSpaceCatalog.named(name) as? any WeightSharingLanguageSpace)
    let shared = space.sharedWeights(
      words: 11, training: TextTraining(hidden: 6, layers: 1, tiedEmbeddings: true))
    #expect(shared.parameters.count == count)
  }

  /// A path through DARTS' shared weights is the supernet, which equals the released code, with all
  /// weight on the path's functions and on `none` elsewhere.
  @Test func aPathIsTheSupernetWithoutTheRest() throws {
    let space = DARTSRecurrent()
    let training = TextTraining(
      hidden: 6, layers: 1, tiedEmbeddings: true, initialBound: 0.6, hiddenDropout: 0.25)
    let context = try ComputeContext(threads: 2)
    let shared = space.sharedWeights(words: 11, training: training)
    let supernet = DARTSRecurrentModel(words: 11, training: training, genotype: nil)
    for parameters in [shared.parameters, supernet.parameters, supernet.alphas] {
      parameters.allocate(in: context, key: RandomKey(seed: 2))
    }
    let genotype = RecurrentGenotype.secondOrder
    var alphas: [Float] = []
    for (index, node) in genotype.nodes.enumerated() {
      for state in 0...index {
        let column = state == node.predecessor ? 1 + node.activation.rawValue : 0
        alphas += (0..<5).map { $0 == column ? 200 : 0 }
      }
    }
    supernet.alphas.assign(alphas, to: try #require(supernet.alphas.trainable.first))
    let text = try #require(PublishedCells.named("darts-rnn-v2")).text
    let path = shared.child(of: try space.parse(text))
    let results = try ([path, supernet] as [any LanguageModel]).map { model in
      let tape = Tape(context, isTraining: true)
      model.parameters.clearGradients()
      let scored = model.score(
        Self.text, from: model.initialState(batch: 16, on: tape), on: tape,
        during: TrainingPass(key: RandomKey(seed: 6), progress: 0))
      tape.backward()
      return (scored.totalLoss, Array(try #require(model.parameters.flatGradients)))
    }
    #expect(abs(results[0].0 - results[1].0) < 1e-5)
    for (one, other) in zip(results[0].1, results[1].1) { #expect(abs(one - other) < 1e-4) }
  }

  /// The same edge with the same function has the same weights in two cells of ENAS' space, and
  /// nothing else is touched.
  @Test func pathsTouchTheirWeightsAlone() throws {
    let space = ENASRecurrent()
    let shared = space.sharedWeights(
      words: 11, training: TextTraining(hidden: 6, layers: 1, tiedEmbeddings: true))
    let context = try ComputeContext(threads: 1)
    shared.parameters.allocate(in: context, key: RandomKey(seed: 2))
    let cell = try space.parse("3 0 0 1 1 2 1 2 0 2 0 5 1 1 0 6 1 8 1 8 1 8 2")
    let model = shared.child(of: cell)
    shared.parameters.clearGradients()
    let tape = Tape(context, isTraining: true)
    _ = model.score(
      Self.text, from: model.initialState(batch: 16, on: tape), on: tape, during: nil)
    tape.backward()
    let expected =
      ["embed.weight", "rnns.0.w0.sigmoid"]
      + [
        "1.0.tanh", "2.1.relu", "3.2.relu", "4.2.tanh", "5.2.tanh", "6.5.relu", "7.1.tanh",
        "8.6.relu", "9.8.relu", "10.8.relu", "11.8.identity",
      ].map { "rnns.0.ws.\($0)" } + ["decoder.bias"]
    #expect(shared.parameters.touched.map { $0.name } == expected)
  }
}
