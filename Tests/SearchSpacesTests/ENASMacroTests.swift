import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing

@Suite struct ENASMacroTests {
  private let space = ENASMacro()
  private let released = ENASMacro(depth: 24)

  @Test func theReleasedNetworkIsReadAndWritten() throws {
    let architecture = try released.parse(ENASMacro.published)
    #expect(
      released.text(of: architecture)
        == ENASMacro.published.split(separator: "\n").joined(separator: " "))
    #expect(try released.parse(released.text(of: architecture)) == architecture)
    let layers = released.layers(of: architecture)
    #expect(layers.count == 24)
    #expect(layers[1] == .init(operation: .separable5x5, skips: []))
    // Bits 0, 1 and 3 of `3 1 1 0 1 0`: the stem and layers 0 and 2.
    #expect(layers[5] == .init(operation: .separable5x5, skips: [0, 1, 3]))
  }

  /// A layer a line in brackets as searches print them, as a list of Python, and of any depth.
  @Test(arguments: [3, 6, 12, 24, 30])
  func networksOfEveryDepthAreReadInEverySpelling(depth: Int) throws {
    var generator = RandomKey(seed: 4).generator()
    let sized = ENASMacro(depth: depth)
    let architecture = sized.sample(using: &generator)
    let rows = sized.anchors.map { bits in
      architecture.choices[(bits.lowerBound - 1)..<bits.upperBound].map(String.init)
    }
    let bare = rows.map { $0.joined(separator: " ") }
    let printed = bare.map { "[\($0)]" }
    let lists = rows.map { "[\($0.joined(separator: ", "))]" }
    var texts = [printed.joined(separator: "\n"), bare.joined(separator: "\r\n") + "\r\n"]
    texts.append("[\(lists.joined(separator: ", "))]")
    texts.append(Array(rows.joined()).joined(separator: "\t"))
    for text in texts {
      let found = try PublishedArchitecture(reading: text, in: space)
      #expect(found.text == sized.text(of: architecture))
      #expect(found.layers == depth)
    }
  }

  @Test func theReleasedNetworkIsReadBesideThePapersSpace() throws {
    let found = try PublishedArchitecture(reading: ENASMacro.published, in: space)
    // That of `PublishedCountsTests`, which the released script's network has.
    #expect(found.network(scale: found.scale).parameters.count == 30_947_424)
    #expect(throws: ArchitectureError("enas-macro: found 77 number(s); expected 78")) {
      try PublishedArchitecture(
        reading: Array(repeating: "0", count: 77).joined(separator: " "), in: space)
    }
  }

  /// 6^12 · 2^66, which the paper rounds to 1.6e29.
  @Test func theSpaceHasThePapersSize() {
    let size = space.decisions.reduce(1.0) { $0 * Double($1.options.count) }
    #expect(abs(size / 1.6e29 - 1) < 0.01)
    #expect(space.decisions.count == 12 + 66)
    #expect(space.anchors.map { $0.count } == Array(0..<12))
    for index in space.anchors.joined() {
      #expect(space.decisions[index].options == ["no", "yes"])
    }
  }

  @Test(
    arguments: [
      ("0 1", "enas-macro: found 2 number(s); expected 6"),
      ("0 1 0 6 0 0", "enas-macro: layer 2 operation is '6'; expected 0 to 5"),
      ("0 1 0 5 0 2", "enas-macro: layer 2 adds layer 0 is '2'; expected 0 to 1"),
      ("0 1 2 5 0 0", "enas-macro: layer 1 adds stem is '2'; expected 0 to 1"),
      ("0 1 0 +5 0 0", "enas-macro: layer 2 operation is '+5'; expected 0 to 5"),
      (
        String(repeating: "0", count: 4001),
        "enas-macro: text has 4001 bytes; expected at most 4000"
      ),
    ] as [(String, String)])
  func refusesOtherTexts(text: String, message: String) {
    #expect(throws: ArchitectureError(message)) { try ENASMacro(depth: 3).parse(text) }
  }

  @Test func samplesSurviveARoundTripAndMutationChangesOneChoice() throws {
    var generator = RandomKey(seed: 2).generator()
    for _ in 0..<50 {
      let parent = space.sample(using: &generator)
      #expect(try space.parse(space.text(of: parent)) == parent)
      let child = space.mutate(parent, using: &generator)
      #expect(zip(parent.choices, child.choices).count { $0 != $1 } == 1)
    }
  }

  /// Layer 2 reads layer 1 and adds the stem; the first bit is the stem's.
  @Test func theGraphShowsWhatIsRead() throws {
    let small = ENASMacro(depth: 3)
    let graph = try #require(small.graphs(of: small.parse("0 1 0 4 1 0")).first)
    #expect(graph.nodes == ["stem", "conv_3x3", "sep_conv_3x3", "avg_pool_3x3", "classifier"])
    #expect(
      graph.edges.map { [$0.source, $0.target] } == [[0, 1], [1, 2], [0, 3], [2, 3], [3, 4]])
  }

  /// Stem; 2 of layer 0 (entry, 3x3); 1 halving and 3 of layer 1 (entry, depthwise, pointwise) and 1
  /// that joins; 1 halving and 1 of layer 2 (entry) and 1 that joins; classifier.
  @Test func depthIsTheLongestWay() throws {
    let small = ENASMacro(depth: 3)
    let network = ENASMacroNetwork(
      try small.parse("0 1 0 4 1 0"), of: small, channels: 4, classes: 3)
    #expect(network.depth == 1 + 2 + (1 + 3 + 1) + (1 + 1 + 1) + 1)
  }

  /// The tensors of unsampled operations get no gradient, and children share one block of weights.
  @Test func onlyTheSampledPathGetsGradients() throws {
    let small = ENASMacro(depth: 3)
    let supernet = ENASMacroSupernet(small, channels: 4, classes: 3)
    let child = supernet.child(of: try small.parse("0 1 0 5 1 0"))
    let other = supernet.child(of: try small.parse("2 2 0 2 0 0"))
    #expect(child.parameters === other.parameters)
    let parameters = child.parameters
    parameters.allocate(in: try ComputeContext(), key: RandomKey(seed: 1))
    let tape = Tape(try ComputeContext(), isTraining: true)
    var generator = RandomKey(seed: 2).generator()
    let shape = Shape(2, 8, 8, 3)
    let images = tape.constant((0..<shape.count).map { _ in Float(generator.normal()) }, shape)
    _ = child.score(images, labels: [0, 1], on: tape)
    tape.backward()
    let touched = parameters.trainable.filter { parameter in
      parameters.gradient(of: parameter).contains { $0 != 0 }
    }.map { $0.name }
    let operations = Set(
      touched.filter { $0.hasPrefix("layers.") }.map {
        $0.split(separator: ".").prefix(3).joined(separator: ".")
      })
    #expect(
      operations.sorted() == [
        "layers.0.conv_3x3", "layers.1.bn", "layers.1.sep_conv_3x3", "layers.2.bn",
        "layers.2.max_pool_3x3",
      ])
    // Layer 0 is halved for layer 1, layer 1 and the stem for layer 2: the stem twice.
    let reductions = Set(
      touched.filter { $0.hasPrefix("reductions.") }.map {
        $0.split(separator: ".").prefix(3).joined(separator: ".")
      })
    #expect(
      reductions.sorted() == [
        "reductions.0.0", "reductions.0.1", "reductions.1.0", "reductions.1.2",
      ])
  }

  /// One weight step costs one child: the operations of its path alone.
  @Test func aChildIsChargedItsOwnPath() throws {
    let supernet = ENASMacroSupernet(space, channels: 36, classes: 10)
    // Separable 3x3 everywhere, no skips.
    let text = (0..<12).map { (["1"] + Array(repeating: "0", count: $0)).joined(separator: " ") }
    let child = supernet.child(of: try space.parse(text.joined(separator: "\n")))
    let tape = Tape.dry(isTraining: false)
    _ = child.logits(of: tape.empty(Shape(1, 32, 32, 3), requiresGradient: false), on: tape)
    func count(_ kind: OperationClass) -> Int {
      tape.operations.count { $0.kind == kind }
    }
    #expect(count(.denseConvolution) == 1)
    #expect(count(.depthwiseConvolution) == 12)
    // Two a layer, and two for each of two halvings.
    #expect(count(.pointwiseConvolution) == 28)
  }
}
