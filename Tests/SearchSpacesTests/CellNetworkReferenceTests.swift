import NeuralNetworks
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import TestSupport
import Testing

/// Losses and gradients of the networks behind the search spaces against plain PyTorch 2.13 in
/// double precision, printed by `python3 Tests/Reference/cell-network-values.py`: nothing is gained
/// by skipping work.
@Suite struct CellNetworkReferenceTests {
  /// A part's gradient: its projection on fixed numbers, and its norm.
  struct Part: Sendable {
    let name: String
    let projection: Double
    let norm: Double

    init(_ name: String, _ projection: Double, _ norm: Double) {
      self.name = name
      self.projection = projection
      self.norm = norm
    }
  }

  struct NetworkCase: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// Height and width of the images.
    let size: Int
    /// Which images, chosen so that rounding decides no ReLU and no maximum.
    let images: Int
    let loss: Double
    let make: @Sendable () throws -> any Network
    let parts: [Part]
  }

  static let cases = [
    NetworkCase(
      testDescription: "darts-network", size: 32, images: 9, loss: 1.88078109,
      make: {
        CellNetwork(
          cells: DARTSCells.secondOrder, wiring: .darts, channels: 4, cellsPerStage: 1, classes: 5,
          options: NetworkOptions(.dartsEvaluation, imageSize: 32))
      },
      parts: [
        .init("auxiliary.bn1", 0.107549726, 0.266280439),
        .init("auxiliary.bn2", 0.00226847568, 0.174947187),
        .init("auxiliary.classifier", 1.22412384, 3.58535616),
        .init("auxiliary.conv1", 1.12360964, 3.0892196),
        .init("auxiliary.conv2", 0.467706979, 4.50996336),
        .init("cells.0", 0.863501028, 2.2428986),
        .init("cells.1", 0.242231819, 1.10048497),
        .init("cells.2", -0.700796806, 1.75582538),
        .init("cells.3", 0.693308048, 1.78934021),
        .init("cells.4", -0.269668247, 2.10746819),
        .init("classifier.bias", -0.0969703829, 0.28168148),
        .init("classifier.weight", 1.10824274, 2.13215327),
        .init("stem.bn", -0.00180412202, 0.647472995),
        .init("stem.conv", 0.408752656, 2.64478148),
      ]),
    NetworkCase(
      testDescription: "darts-supernet", size: 16, images: 10, loss: 1.81439783,
      make: { DARTSSupernet(channels: 4, cellsPerStage: 1, classes: 5) },
      parts: [
        .init("alpha.normal", 0.220244709, 0.490075524),
        .init("alpha.reduce", 0.23169482, 0.349476888),
        .init("cells.0", -1.41202802, 3.0786578),
        .init("cells.1", -0.798326763, 2.57990726),
        .init("cells.2", 0.476086993, 2.23916393),
        .init("cells.3", -0.304547279, 2.00345796),
        .init("cells.4", -0.156511671, 2.62345162),
        .init("classifier.bias", -0.0561493125, 0.207282579),
        .init("classifier.weight", -0.882109567, 2.76801824),
        .init("stem.bn", -0.187405424, 0.986928715),
        .init("stem.conv", -0.159651142, 4.71381917),
      ]),
    NetworkCase(
      testDescription: "enas-child", size: 32, images: 19, loss: 2.45883519,
      make: {
        var options = NetworkOptions()
        options.hasAuxiliaryHead = true
        options.dropout = 0.1
        return ENASMicroSupernet(channels: 4, cellsPerStage: 1, classes: 5, options: options)
          .child(of: try ENASMicro().parse(ENASMicro.published))
      },
      parts: [
        .init("auxiliary.bn1", 0.105557789, 0.248467582),
        .init("auxiliary.bn2", -0.0366302592, 0.172521648),
        .init("auxiliary.classifier", 0.577015999, 3.59442229),
        .init("auxiliary.conv1", 0.171001517, 0.975200519),
        .init("auxiliary.conv2", 2.32429707, 4.30078789),
        .init("cells.0", 1.84495582, 14.562813),
        .init("cells.1", -1.07805824, 6.18536361),
        .init("cells.2", -1.42137425, 4.59229822),
        .init("cells.3", -1.15017617, 2.90695942),
        .init("cells.4", -0.0275263769, 2.67219894),
        .init("classifier.weight", 0.0084276558, 0.582864555),
        .init("stem.bn", -0.343478807, 2.21787255),
        .init("stem.conv", 2.07714818, 13.763419),
      ]),
    NetworkCase(
      testDescription: "nas-chain", size: 9, images: 20, loss: 1.79890327,
      make: {
        let space = NASChain(depth: 4)
        let chain = try space.parse("3 5 24 | 7 1 36 1 | 1 3 24 0 0 | 5 5 48 1 0 1")
        return space.network(of: chain, scale: TrainingProtocol.Scale(), classes: 5)
      },
      parts: [
        .init("classifier.bias", -0.145365499, 0.329552668),
        .init("classifier.weight", 0.574460292, 1.39980813),
        .init("layers.0", 0.0175410376, 0.254065277),
        .init("layers.1", 0.186682246, 0.321545529),
        .init("layers.2", 0.0287213709, 0.0658825172),
        .init("layers.3", 0.101384791, 0.984621237),
      ]),
  ]

  private static func values(of parameter: Parameter) -> [Float] {
    let numbers = ReferenceNumbers.hashed(parameter.name, parameter.count).map { Double($0) }
    if parameter.sizes.count > 1 {
      let fanIn = Double(parameter.sizes.dropLast().reduce(1, *)).squareRoot()
      return numbers.map { Float($0 * 3.5 / fanIn) }
    }
    return numbers.map { Float(parameter.name.hasSuffix(".weight") ? 1 + 0.5 * $0 : $0) }
  }

  /// The parts' gradients, by name.
  private static func parts(of parameters: Parameters) -> [String: (Double, Double)] {
    var parts: [String: (Double, Double)] = [:]
    for parameter in parameters.trainable {
      let name = parameter.name.split(separator: ".").prefix(2).joined(separator: ".")
      let gradient = parameters.gradient(of: parameter).map { Double($0) }
      let numbers = ReferenceNumbers.hashed(parameter.name + "?", parameter.count)
      var (projection, square) = parts[name] ?? (0, 0)
      for (value, number) in zip(gradient, numbers) {
        projection += value * Double(number)
        square += value * value
      }
      parts[name] = (projection, square)
    }
    return parts.mapValues { ($0.0, $0.1.squareRoot()) }
  }

  /// Single precision through some thirty normalisations of small batches.
  private static let tolerance = 2e-4

  @Test(arguments: cases + layeredCases + wiredCases, BLASBackend.allCases)
  func lossAndGradientsEqualPyTorchs(expected: NetworkCase, blas: BLASBackend) throws {
    let network = try expected.make()
    let context = try ComputeContext(threads: 2, blas: blas)
    let supernet = network as? DARTSSupernet
    let all = [network.parameters] + (supernet.map { [$0.alphas] } ?? [])
    for parameters in all {
      parameters.allocate(in: context, key: RandomKey(seed: 1))
      for parameter in parameters.trainable {
        parameters.assign(Self.values(of: parameter), to: parameter)
      }
    }
    let shape = Shape(4, expected.size, expected.size, 3)
    let tape = Tape(context, isTraining: true)
    let images = tape.constant(
      ReferenceNumbers.hashed("images \(expected.images)", shape.count).map { 4 * $0 }, shape)
    let (_, loss) = network.score(
      images, labels: [0, 3, 1, 4], on: tape,
      during: TrainingPass(key: RandomKey(seed: 77), progress: 1))
    tape.backward()

    #expect(abs(loss - expected.loss) < Self.tolerance * expected.loss)
    let parts = all.map(Self.parts).reduce([:]) { $0.merging($1) { first, _ in first } }
    #expect(parts.keys.sorted() == expected.parts.map { $0.name })
    for part in expected.parts {
      let (projection, norm) = try #require(parts[part.name])
      #expect(abs(projection - part.projection) < Self.tolerance * part.norm, "\(part.name)")
      #expect(abs(norm - part.norm) < Self.tolerance * part.norm, "\(part.name)")
    }
  }
}
