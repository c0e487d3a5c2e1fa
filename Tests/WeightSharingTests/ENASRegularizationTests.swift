import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing
import WeightSharing

/// What regularises ENAS' shared weights: an auxiliary head, drop-path and dropout.
@Suite struct ENASRegularizationTests {
  /// Images of 17x17: two halvings leave the 5x5 that the head's pooling makes one pixel of.
  private static let side = 17
  private static let spaces = [ENASMicro.name, DARTSCells.name]

  private func space(_ name: String) throws -> any WeightSharingSearchSpace {
    try #require(SearchSpaceCatalog.named(name) as? any WeightSharingSearchSpace)
  }

  private func options(dropPath: Float = 0.4, hasHead: Bool = true) -> NetworkOptions {
    var options = NetworkOptions()
    options.imageSize = Self.side
    options.hasAuxiliaryHead = hasHead
    options.dropout = 0.2
    options.dropPath = DropPath(finalProbability: dropPath, growsWithDepth: true)
    return options
  }

  private func shared(
    _ name: String, _ options: NetworkOptions? = nil
  ) throws -> any SharedPathWeights {
    try space(name).sharedWeights(
      scale: .init(channels: 4, cells: 1), classes: 2, options: options ?? self.options())
  }

  private func path(of name: String, seed: UInt64 = 5) throws -> Architecture {
    var generator = RandomKey(seed: seed).generator()
    return try space(name).sample(using: &generator)
  }

  /// Weights with what a pass through them needs.
  private struct Fixture {
    let context: ComputeContext
    let shared: any SharedPathWeights
    let child: any Network
    let images = StubImages(training: 64, side: ENASRegularizationTests.side)

    init(_ shared: any SharedPathWeights, _ path: Architecture, threads: Int = 1) throws {
      context = try ComputeContext(threads: threads)
      self.shared = shared
      child = shared.child(of: path)
      shared.parameters.allocate(in: context, key: RandomKey(seed: 3))
    }

    /// The loss with the head's part, and its gradient by the weights.
    func loss(
      key: UInt64 = 9, progress: Float = 0.75
    ) throws -> (value: Double, gradient: [Float]) {
      shared.parameters.clearGradients()
      let tape = Tape(context, isTraining: true)
      let batch = images.plainMinibatch(0, of: .training, size: 64, on: tape)
      let (_, loss) = child.score(
        batch.images, labels: batch.labels, on: tape,
        during: TrainingPass(key: RandomKey(seed: key), progress: progress), auxiliaryWeight: 0.4)
      tape.backward()
      return (loss, Array(try #require(shared.parameters.flatGradients)))
    }

    /// Places of the auxiliary head's values.
    var head: Range<Int> {
      shared.parameters.count - shared.auxiliaryParameterCount..<shared.parameters.count
    }
  }

  /// Central differences along the gradient, in which the slope is its norm: over all weights of the
  /// path and over those of the head alone. Where weights move, ReLUs and maxima switch: the loss
  /// moves by 10⁻⁴, of which its single precision leaves a thousandth part uncertain.
  @Test(arguments: spaces, [false, true])
  func gradientIsTheDerivative(name: String, ofHeadAlone: Bool) throws {
    let fixture = try Fixture(shared(name), path(of: name))
    var direction = try fixture.loss().gradient
    if ofHeadAlone { for index in 0..<fixture.head.lowerBound { direction[index] = 0 } }
    let norm = direction.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let values = try #require(fixture.shared.parameters.flatValues)
    let saved = Array(values)
    let width = min(2e-3, 1e-4 / norm)
    let losses = try [width, -width].map { displacement in
      for index in saved.indices {
        values[index] = saved[index] + Float(displacement / norm) * direction[index]
      }
      return try fixture.loss().value
    }
    #expect(norm > 0)
    #expect(abs((losses[0] - losses[1]) / (2 * width) / norm - 1) < 1e-2)
  }

  /// Masks are drawn by the pass's key, and drop-path by its progress.
  @Test(arguments: spaces)
  func whatDropsOutFollowsFromKeyAndProgress(name: String) throws {
    let path = try path(of: name)
    let (one, two) = try (Fixture(shared(name), path), Fixture(shared(name), path, threads: 2))
    let first = try one.loss()
    #expect(try two.loss() == first)
    #expect(try one.loss(key: 10).value != first.value)
    #expect(try one.loss(progress: 0.5).value != first.value)
    let still = try Fixture(shared(name, options(dropPath: 0)), path)
    #expect(try one.loss(progress: 0).value == still.loss(progress: 0.5).value)
  }

  /// A head that is kept as it was drawn: the loss is the same, and so is every other gradient.
  @Test(arguments: spaces)
  func aFixedHeadPassesItsGradientOn(name: String) throws {
    let path = try path(of: name)
    let (free, fixed) = try (Fixture(shared(name), path), Fixture(shared(name), path))
    fixed.shared.parameters.fix(last: fixed.shared.auxiliaryParameterCount)
    let (expected, found) = try (free.loss(), fixed.loss())
    #expect(found.value == expected.value)
    let head = fixed.head
    #expect(found.gradient[..<head.lowerBound] == expected.gradient[..<head.lowerBound])
    #expect(found.gradient[head].allSatisfy { $0 == 0 })
    #expect(expected.gradient[head].contains { $0 != 0 })
    // The head moves what comes before it: its loss is no dead end.
    let headless = try Fixture(shared(name, options(hasHead: false)), path)
    #expect(try headless.loss().gradient != Array(expected.gradient[..<head.lowerBound]))
  }

  /// Its products: of 1 pixel, C to 128, 128 to 768, 768 to 2 classes; backward as much for what it
  /// reads and, where it is trained, for its weights. One path and one head: never the supernet.
  @Test(arguments: [(ENASMicro.name, 16), (DARTSCells.name, 4 * 4 * 4)])
  func theHeadIsCharged(name: String, channels: Int) throws {
    func flops(_ shared: any SharedPathWeights) throws -> Int {
      let tape = Tape.dry(isTraining: true)
      _ = try shared.child(of: path(of: name)).score(
        tape.empty(Shape(8, Self.side, Self.side, 3), requiresGradient: false), labels: [],
        on: tape, during: TrainingPass(key: RandomKey(seed: 0), progress: 1))
      return tape.operations.filter { $0.kind != .memoryBound }.reduce(0) { $0 + $1.flops }
    }
    let headless = options(hasHead: false)
    let without = try flops(shared(name, headless))
    let forward = 8 * 2 * (channels * 128 + 128 * 768 + 768 * 2)
    #expect(try flops(shared(name)) - without == 3 * forward)
    let fixed = try shared(name)
    fixed.parameters.fix(last: fixed.auxiliaryParameterCount)
    #expect(try flops(fixed) - without == 2 * forward)
    // The update as well: 128 + 768 channels with two parameters each beside the products'.
    let count = channels * 128 + 128 * 768 + 768 * 2 + 2 + 2 * (128 + 768)
    #expect(fixed.auxiliaryParameterCount == count)
    let task = try OneShotTask.stub(space(name), data: StubImages(side: Self.side))
    let charges = try [shared(name), fixed, shared(name, headless)].map {
      try $0.charge(
        path(of: name), examples: 16, isTraining: true, clips: false, in: task
      ).referenceNanoseconds
    }
    #expect(charges[0] > charges[1] && charges[1] > charges[2])
  }

  private func settings(_ changes: [String: Double]) -> MethodSettings {
    let small = [
      "batch-size": 16.0, "controller-updates": 2, "samples-per-update": 2, "selection-samples": 3,
    ]
    return MethodSettings(of: ENAS.settings, replacing: small.merging(changes) { $1 })
  }

  private func search(
    _ name: String, _ changes: [String: Double]
  ) throws -> any Evaluation & Checkpointable {
    try ENAS.search(
      .stub(space(name), data: StubImages(side: Self.side)), settings: settings(changes))
  }

  private func arrays(_ search: any Checkpointable) throws -> Safetensors {
    try Safetensors(reading: search.snapshot().tensors)
  }

  /// One head for all paths, in the checkpoint with its momenta; each step moves it, or none does.
  @Test(arguments: [1.0, 0])
  func theHeadIsSharedAndCheckpointed(isTrained: Double) throws {
    let search = try search(
      ENASMicro.name, ["auxiliary-weight": 0.4, "auxiliary-training": isTrained])
    var seen: [[Float]] = []
    for _ in 0..<3 {
      let arrays = try arrays(search)
      let names = arrays.tensors.map(\.name).filter {
        $0.contains("auxiliary") && !$0.hasPrefix("statistic")
      }
      #expect(names.count == 2 * 8)
      seen.append(try #require(arrays["weight/auxiliary.conv2.weight"]).values)
      _ = try search.step()
    }
    // Two steps along two paths.
    #expect((seen[1] != seen[0]) == (isTrained == 1))
    #expect((seen[2] != seen[1]) == (isTrained == 1))
  }

  /// Rewards and the choice alone: the weights of the first epoch are trained alike.
  @Test(arguments: ["score-dropout", "running-statistics"])
  func scoresAreAsAskedFor(_ setting: String) throws {
    let epochs = try [0.0, 1].map { value in
      let reports = try search(
        ENASMicro.name, ["dropout": 0.8, setting: value]
      ).finish()
      return try #require(reports.compactMap(\.epoch).first)
    }
    #expect(epochs[0].trainingLoss == epochs[1].trainingLoss)
    #expect(epochs[0].validation != epochs[1].validation)
  }

  @Test(
    arguments: [
      (
        ENASMacro.name, "auxiliary-weight", 17,
        "networks of 'enas-macro' have no auxiliary head; expected auxiliary-weight: 0 in the "
          + "settings of enas"
      ),
      (
        ENASMicro.name, "auxiliary-weight", 16,
        "an auxiliary head reads square images of at least 17 pixels, found 16x16; expected "
          + "auxiliary-weight: 0 in the settings of enas"
      ),
      (
        ENASMacro.name, "drop-path", 17,
        "networks of 'enas-macro' leave no paths out; expected drop-path: 0 in the settings of enas"
      ),
    ] as [(String, String, Int, String)])
  func whatCannotBeIsRefused(
    name: String, setting: String, side: Int, message: String
  ) throws {
    let task = try OneShotTask.stub(space(name), data: StubImages(side: side))
    #expect(throws: MethodError(message)) {
      try ENAS.forecast(task, settings: settings([setting: 0.4]))
    }
  }
}
