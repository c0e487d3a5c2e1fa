import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing

@Suite struct ENASMicroTests {
  private let space = ENASMicro()

  @Test func theReleasedCellIsReadAndWritten() throws {
    let architecture = try space.parse(ENASMicro.published)
    #expect(space.text(of: architecture) == ENASMicro.published)
    let cells = space.cells(of: architecture)
    #expect(cells.normal.nodes[0] == .init(.init(.averagePool3x3, 0), .init(.separable3x3, 0)))
    #expect(cells.normal.output == [2, 3, 4, 5, 6])
    #expect(cells.reduction.nodes[2] == .init(.init(.separable5x5, 1), .init(.separable5x5, 3)))
    #expect(cells.reduction.output == [2, 4, 5, 6])
  }

  @Test(
    arguments: [
      ("0 2", "enas-micro: found 2 number(s); expected 40"),
      (
        ENASMicro.published.dropLast() + "5",
        "enas-micro: reduce 4 second operation is '5'; expected 0 to 4"
      ),
      (
        "2" + ENASMicro.published.dropFirst(),
        "enas-micro: normal 0 first input is '2'; expected 0 to 1"
      ),
      (String(repeating: "0", count: 401), "enas-micro: text has 401 bytes; expected at most 400"),
    ] as [(String, String)])
  func refusesOtherTexts(text: String, message: String) {
    #expect(throws: ArchitectureError(message)) { try space.parse(text) }
  }

  /// As searches print them, as Python lists, and as scripts take them.
  @Test(arguments: ["[A]\n[B]", "[A B]", "[A]\r\n[B]\r\n", "A,B", "[[A], [B]]", " A\tB ", "A\n\nB"])
  func otherSpellingsAreRead(form: String) throws {
    let numbers = ENASMicro.published.split(separator: " ")
    for separator in [" ", "  ", "\n", ", "] {
      let text = form.replacing("A", with: numbers.prefix(20).joined(separator: separator))
        .replacing("B", with: numbers.suffix(20).joined(separator: separator))
      #expect(try space.text(of: space.parse(text)) == ENASMicro.published, "\(text)")
    }
  }

  @Test(arguments: ["[A", "A]", "]A[", "[[[A]]]"])
  func bracketsMustMatch(form: String) {
    #expect(
      throws: ArchitectureError("enas-micro: brackets do not match; expected as many '[' as ']'")
    ) { try space.parse(form.replacing("A", with: ENASMicro.published)) }
  }

  @Test func mutationChangesOneChoice() {
    var generator = RandomKey(seed: 2).generator()
    let parent = space.sample(using: &generator)
    for _ in 0..<200 {
      let child = space.mutate(parent, using: &generator)
      #expect(zip(parent.choices, child.choices).count { $0 != $1 } == 1)
    }
  }

  private func supernet(auxiliary: Bool = true) -> ENASMicroSupernet {
    var options = NetworkOptions()
    options.hasAuxiliaryHead = auxiliary
    return ENASMicroSupernet(channels: 20, cellsPerStage: 2, classes: 10, options: options)
  }

  /// Six normal cells and two reductions of 20 channels: what the released search prints as the
  /// number of its model's parameters, the auxiliary head apart (melodyguan/enas, `micro_child.py`).
  @Test func sharedWeightsHaveTheReleasedCodesCount() throws {
    #expect(supernet(auxiliary: false).parameters.count == 5_373_140)
    let child = supernet().child(of: try space.parse(ENASMicro.published))
    #expect(child.parameters.count == 5_786_078)
    // Auxiliary: 80·128 + 256, 4·128·768 + 1536, 7690.
    #expect(child.auxiliaryParameterCount == 10_496 + 394_752 + 7_690)
  }

  /// The tensors of unsampled paths get no gradient, and children share one block of weights.
  @Test func onlyTheSampledPathGetsGradients() throws {
    let small = ENASMicroSupernet(channels: 4, cellsPerStage: 1, classes: 3)
    let child = small.child(of: try space.parse(ENASMicro.published))
    let other = small.child(
      of: try space.parse(Array(repeating: "0", count: 40).joined(separator: " ")))
    #expect(child.parameters === other.parameters)
    let context = try ComputeContext()
    let parameters = child.parameters
    parameters.allocate(in: context, key: RandomKey(seed: 1))
    let tape = Tape(context, isTraining: true)
    var generator = RandomKey(seed: 2).generator()
    let shape = Shape(2, 8, 8, 3)
    let images = tape.constant(
      (0..<shape.count).map { _ in Float(generator.normal()) }, shape)
    _ = child.score(images, labels: [0, 1], on: tape)
    tape.backward()
    let touched = parameters.trainable.filter { parameter in
      parameters.gradient(of: parameter).contains { $0 != 0 }
    }.map { $0.name }
    // Normal node 0: average pooling and a separable 3x3 convolution, both of state 0.
    #expect(touched.contains("cells.0.0.1.0.sep_conv_3x3.1.depthwise.weight"))
    #expect(!touched.contains("cells.0.0.0.0.sep_conv_3x3.1.depthwise.weight"))
    #expect(!touched.contains("cells.0.0.1.0.sep_conv_5x5.1.depthwise.weight"))
    #expect(!touched.contains("cells.0.0.1.1.sep_conv_3x3.1.depthwise.weight"))
    // Six separable convolutions in either cell, of eight tensors each.
    #expect(touched.count { $0.contains("sep_conv") } == 8 * 6 * (3 + 2))
  }

  /// One weight step costs one child: the same operations as a network of that path alone.
  @Test func aChildIsChargedItsOwnPath() throws {
    let child = supernet(auxiliary: false).child(of: try space.parse(ENASMicro.published))
    let tape = Tape.dry(isTraining: false)
    _ = child.logits(of: tape.empty(Shape(1, 32, 32, 3), requiresGradient: false), on: tape)
    let depthwise = tape.operations.filter { $0.kind == .depthwiseConvolution }
    // Two stages of each separable convolution of the path.
    #expect(depthwise.count == 2 * 6 * (6 + 2))
  }
}
