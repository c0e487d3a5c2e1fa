import NeuralNetworks
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing

/// Recurrent cells over time: one call for many steps, and masks that are the same at all of them.
@Suite struct RecurrentStepsTests {
  static let names = SearchSpaceCatalog.all.filter { $0 is any LanguageSearchSpace }.map {
    type(of: $0).name
  }
  private static let words = 11

  private func model(
    _ name: String, _ training: TextTraining, _ context: ComputeContext
  ) throws -> any LanguageModel {
    let space = try #require(SearchSpaceCatalog.named(name) as? any LanguageSearchSpace)
    var generator = RandomKey(seed: 9).generator()
    let model = space.model(
      of: space.sample(using: &generator), words: Self.words, training: training)
    model.parameters.allocate(in: context, key: RandomKey(seed: 2))
    return model
  }

  /// Words by time, then by sequence.
  private func text(_ steps: ClosedRange<Int>, batch: Int) -> TextBatch {
    TextBatch(
      text: steps.flatMap { step in
        (0..<batch).map { Int32((step * step + 3 * step * $0 + $0) % Self.words) }
      }, batch: batch)
  }

  /// A loss of ten steps in one call is the mean of ten calls' of one step, and leaves the same.
  @Test(arguments: names, BLASBackend.allCases)
  func unrolledIsStepByStep(name: String, blas: BLASBackend) throws {
    let context = try ComputeContext(threads: 2, blas: blas)
    let training = TextTraining(
      hidden: 6, layers: 2, tiedEmbeddings: true, initialBound: 0.6)
    let model = try model(name, training, context)
    func run(_ text: TextBatch, from state: [Tensor]?) -> LanguageScore {
      let tape = Tape(context, isTraining: false)
      return model.score(
        text, from: state ?? model.initialState(batch: 3, on: tape), on: tape, during: nil)
    }
    let unrolled = run(text(0...10, batch: 3), from: nil)
    var state: [Tensor]?
    var loss = 0.0
    for step in 0..<10 {
      let scored = run(text(step...step + 1, batch: 3), from: state)
      state = scored.state
      loss += scored.score.loss / 10
    }
    #expect(abs(unrolled.score.loss - loss) < 1e-6)
    let stepped = try #require(state)
    for (one, other) in zip(unrolled.state, stepped) {
      #expect(zip(one.values(), other.values()).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  /// Rows of a matrix whose gradient is zero, of eight steps of one sequence from a state of ones.
  private func idleRows(
    _ name: String, _ training: TextTraining
  ) throws -> [String: Set<Int>] {
    let context = try ComputeContext(threads: 1)
    let model = try model(name, training, context)
    model.parameters.clearGradients()
    let tape = Tape(context, isTraining: true)
    let state = model.initialState(batch: 1, on: tape).map {
      tape.constant([Float](repeating: 1, count: $0.shape.count), $0.shape)
    }
    _ = model.score(
      text(0...8, batch: 1), from: state, on: tape,
      during: TrainingPass(key: RandomKey(seed: 6), progress: 0))
    tape.backward()
    return model.parameters.trainable.filter { $0.name.hasPrefix("rnns") }.reduce(into: [:]) {
      rows, parameter in
      let (gradient, width) = (model.parameters.gradient(of: parameter), parameter.sizes[1])
      rows[parameter.name] = Set(
        (0..<parameter.sizes[0]).filter { row in
          gradient[row * width..<(row + 1) * width].allSatisfy { $0 == 0 }
        })
    }
  }

  private func training(variational: Bool, input: Double = 0, hidden: Double = 0) -> TextTraining {
    TextTraining(
      hidden: 12, layers: 1, sumsOverSteps: false, tiedEmbeddings: true, initialBound: 0.6,
      inputDropout: input, hiddenDropout: hidden, variationalDropout: variational)
  }

  /// A unit that drops out of the input of all eight steps leaves its weights' gradient at zero; by
  /// chance one in 256 would.
  @Test(arguments: [("darts-recurrent", "rnns.0.w0"), ("nas-recurrent", "rnns.0.kernel")])
  func inputMasksAreTheSameAtAllSteps(name: String, matrix: String) throws {
    func idle(_ training: TextTraining) throws -> Set<Int> {
      try #require(try idleRows(name, training)[matrix]).filter { $0 < 12 }
    }
    #expect(try idle(training(variational: true)).isEmpty)
    #expect((2...10).contains(try idle(training(variational: true, input: 0.5)).count))
    #expect(try idle(training(variational: false, input: 0.5)).isEmpty)
  }

  /// The same units of the hidden state drop out at all steps, and of all states that nodes read.
  @Test(arguments: ["darts-recurrent", "enas-lm", "enas-recurrent"])
  func hiddenMasksAreTheSameAtAllStepsAndNodes(name: String) throws {
    let rows = try idleRows(name, training(variational: true, hidden: 0.5))
    let first = try #require(rows["rnns.0.w0"]).filter { $0 >= 12 }
    let dropped = Set(first.map { $0 - 12 })
    #expect((2...10).contains(dropped.count))
    // A rectifier may be off, so that more than the dropped units idle, but not in every node.
    let nodes = rows.filter { $0.key.contains("ws") }.values
    #expect(nodes.count >= 8)
    #expect(nodes.allSatisfy { $0.isSuperset(of: dropped) })
    #expect(nodes.contains { $0 == dropped })
  }
}
