import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing

/// Weights that all cells of NAS-Bench-201 share.
@Suite struct NASBench201SharedWeightsTests {
  private let space = NASBench201()
  private let scale = TrainingProtocol.Scale(channels: 4, cells: 2)
  private let shape = Shape(6, 8, 8, 3)

  private func logits(of network: any Network, _ context: ComputeContext) -> [Float] {
    let tape = Tape(context, isTraining: false, usesBatchStatistics: true)
    var generator = RandomKey(seed: 2).generator()
    let images = tape.constant((0..<shape.count).map { _ in Float(generator.normal()) }, shape)
    return network.logits(of: images, on: tape).values()
  }

  /// With the same weights a path computes what the cell's own network computes: an edge's
  /// convolution has the operation's name in addition, and no affine map, which is first 1 and 0.
  @Test(
    arguments: [
      [3, 3, 3, 3, 3, 3], [3, 2, 3, 1, 2, 3], [2, 4, 1, 0, 3, 4], [0, 0, 0, 0, 0, 0],
      [0, 3, 2, 0, 0, 2], [4, 1, 2, 3, 0, 1],
    ])
  func aPathIsTheCellsOwnNetwork(choices: [Int]) throws {
    let context = try ComputeContext()
    let architecture = Architecture(space: NASBench201.name, choices: choices)
    let shared = space.sharedWeights(scale: scale, classes: 5)
    shared.parameters.allocate(in: context, key: RandomKey(seed: 1))
    let network = space.network(of: architecture, scale: scale, classes: 5)
    network.parameters.allocate(in: context, key: RandomKey(seed: 7))
    let path = shared.child(of: architecture)
    let before = logits(of: network, context)
    #expect(logits(of: path, context) != before)
    let operations = Dictionary(
      uniqueKeysWithValues: zip(NASBench201.edges, choices).map {
        ("\($0.source)-\($0.target)", NASBench201.operations[$1])
      })
    let values = try #require(network.parameters.flatValues)
    let source = try #require(shared.parameters.flatValues)
    var copied = 0
    for parameter in network.parameters.trainable {
      var parts = parameter.name.split(separator: ".").map(String.init)
      if parts.count == 5, let operation = operations[parts[2]] {
        parts.insert(operation, at: 3)
      }
      let name = parts.joined(separator: ".")
      // The affine maps of normalisations in cells are the network's alone.
      guard let other = shared.parameters.trainable.first(where: { $0.name == name }) else {
        #expect(parts.count == 6 && parts[4] == "bn", "\(name)")
        continue
      }
      #expect(other.sizes == parameter.sizes)
      for index in 0..<parameter.count {
        values[parameter.offset + index] = source[other.offset + index]
      }
      copied += 1
    }
    #expect(copied >= 18)
    #expect(logits(of: network, context) == logits(of: path, context))
  }

  /// Six edges of two convolutions in each cell; the stem, two reductions of three convolutions,
  /// the last normalisation and the classifier as in any network of the space.
  @Test func everyEdgeHasEveryOperation() throws {
    let shared = space.sharedWeights(scale: .init(channels: 16, cells: 5), classes: 10)
    let cells = [16, 32, 64].reduce(0) { $0 + 5 * 6 * (1 + 9) * $1 * $1 }
    let none = space.network(
      of: Architecture(space: NASBench201.name, choices: [0, 0, 0, 0, 0, 0]),
      scale: .init(channels: 16, cells: 5), classes: 10)
    #expect(shared.parameters.count == cells + none.parameters.count)
    let context = try ComputeContext()
    shared.parameters.allocate(in: context, key: RandomKey(seed: 1))
    let children = [[3, 3, 3, 3, 3, 3], [3, 0, 0, 0, 0, 0]].map {
      shared.child(of: Architecture(space: NASBench201.name, choices: $0))
    }
    #expect(children[0].parameters === children[1].parameters)
  }

  /// A path's gradients and charges are its own: the same products as the cell's own network.
  @Test(arguments: [[3, 3, 3, 3, 3, 3], [3, 2, 3, 1, 2, 3], [2, 4, 1, 0, 3, 4]])
  func aStepCostsOneCell(choices: [Int]) {
    let architecture = Architecture(space: NASBench201.name, choices: choices)
    let shared = space.sharedWeights(scale: scale, classes: 5)
    let networks: [any Network] = [
      shared.child(of: architecture), space.network(of: architecture, scale: scale, classes: 5),
    ]
    let tapes = networks.map { network in
      let tape = Tape.dry(isTraining: true)
      _ = network.score(tape.empty(shape, requiresGradient: false), labels: [], on: tape)
      return tape
    }
    let flops = tapes.map { tape in
      tape.operations.filter { $0.kind != .memoryBound }.reduce(0) { $0 + $1.flops }
    }
    #expect(flops[0] == flops[1])
    let names = tapes[0].trained.map(\.name)
    let convolutions = choices.count { NASBench201.operations[$0].hasPrefix("nor_conv") }
    #expect(names.count { $0.contains("cell") } == 3 * scale.cells * convolutions)
  }
}
