import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing
import WeightSharing

/// What a step along a path moves and costs.
@Suite struct SharedWeightsTests {
  /// Spaces with shared weights.
  static let spaces = SearchSpaceCatalog.all.compactMap { $0 as? any WeightSharingSearchSpace }

  private let scale = TrainingProtocol.Scale(channels: 4, cells: 1)

  private func sample(_ space: any SearchSpace, seed: UInt64) -> Architecture {
    var generator = RandomKey(seed: seed).generator()
    return space.sample(using: &generator)
  }

  @Test(arguments: spaces.map { type(of: $0).name }, [UInt64(1), 2, 3])
  func aStepMovesItsPathsWeightsAlone(name: String, seed: UInt64) throws {
    let space = try #require(SearchSpaceCatalog.named(name) as? any WeightSharingSearchSpace)
    let context = try ComputeContext()
    let shared = space.sharedWeights(scale: scale, classes: 2)
    let parameters = shared.parameters
    parameters.allocate(in: context, key: RandomKey(seed: 1))
    let optimizer = SGD(
      parameters, momentum: 0.9, isNesterov: true, weightDecay: 1e-3, clipNorm: 5, in: context)
    // Momenta that would carry on whatever is stepped.
    let momenta = optimizer.flatMomenta
    for index in momenta.indices { momenta[index] = 1 }
    let child = shared.child(of: sample(space, seed: seed))
    let before = Array(try #require(parameters.flatValues))
    parameters.clearGradients()
    let tape = Tape(context, isTraining: true)
    let batch = StubImages().plainMinibatch(0, of: .training, size: 4, on: tape)
    _ = child.score(batch.images, labels: batch.labels, on: tape)
    tape.backward()
    let touched = parameters.touched
    optimizer.step(learningRate: 0.1, isTouchedOnly: true)
    let after = Array(try #require(parameters.flatValues))
    for parameter in parameters.trainable {
      let range = parameter.offset..<parameter.offset + parameter.count
      let isOnPath = touched.contains(parameter)
      #expect((after[range] != before[range]) == isOnPath, "\(parameter.name)")
    }
    // A dry tape foretells which those are.
    let dry = Tape.dry(isTraining: true)
    _ = child.score(
      dry.empty(Shape(4, 8, 8, 3), requiresGradient: false), labels: [], on: dry)
    #expect(dry.trained == touched)
    #expect(touched.count < parameters.trainable.count)
  }

  /// One step costs one child: forward, twice as much backward without the images' gradient, and
  /// an update of the child's own parameters, whatever else shares the buffer.
  @Test func aStepAlongDARTSPathCostsTheFoundNetwork() throws {
    let space = DARTSCells()
    let task = try OneShotTask.stub(space)
    let architecture = sample(space, seed: 7)
    let shared = space.sharedWeights(scale: scale, classes: 2)
    let charge = shared.charge(
      architecture, examples: 16, isTraining: true, clips: true, in: task)
    let network = space.network(of: architecture, scale: scale, classes: 2)
    let tape = Tape.dry(isTraining: true)
    _ = network.score(
      tape.empty(Shape(16, 8, 8, 3), requiresGradient: false), labels: [], on: tape)
    func convolutions(_ tape: Tape) -> Int {
      tape.operations.filter { $0.kind != .memoryBound }.reduce(0) { $0 + $1.flops }
    }
    let dry = Tape.dry(isTraining: true)
    _ = shared.child(of: architecture).score(
      dry.empty(Shape(16, 8, 8, 3), requiresGradient: false), labels: [], on: dry)
    #expect(convolutions(dry) == convolutions(tape))
    // Found networks learn the affine maps of their normalisations, shared weights do not.
    let affine = network.parameters.trainable.filter { $0.name.contains("bn") }.count
    #expect(affine > 0)
    let flops = Double(charge.flops)
    let whole =
      tape.operations.reduce(0) { $0 + $1.flops }
      + SGD.operations(network.parameters, clips: true).reduce(0) { $0 + $1.flops }
    #expect(abs(flops / Double(whole) - 1) < 0.05)
  }

  /// Paths that have an operation on an edge in common have its storage in common: what one path
  /// trains, the other computes with.
  @Test func pathsWithACommonOperationShareItsWeights() throws {
    let space = DARTSCells()
    let context = try ComputeContext()
    let shared = space.sharedWeights(scale: scale, classes: 2)
    shared.parameters.allocate(in: context, key: RandomKey(seed: 1))
    func names(_ architecture: Architecture) -> Set<String> {
      let dry = Tape.dry(isTraining: true)
      _ = shared.child(of: architecture).score(
        dry.empty(Shape(4, 8, 8, 3), requiresGradient: false), labels: [], on: dry)
      return Set(dry.trained.map(\.name))
    }
    let first = try space.parse(
      space.text(of: space.architecture(of: DARTSCells.firstOrder)))
    let second = space.architecture(of: DARTSCells.secondOrder)
    let common = names(first).intersection(names(second)).filter { $0.contains("cells.0") }
    // Both have sep 3x3 on states 0 and 1 into the first node, and more.
    #expect(common.contains { $0.hasPrefix("cells.0.0-0.sep_conv_3x3") })
    #expect(common.contains { $0.hasPrefix("cells.0.1-0.sep_conv_3x3") })
    #expect(!common.contains { $0.contains("dil_conv_3x3") })
  }
}
