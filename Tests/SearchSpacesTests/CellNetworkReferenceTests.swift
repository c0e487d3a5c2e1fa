import NeuralNetworks
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
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
    let loss: Double
    let make: @Sendable () throws -> any Network
    let parts: [Part]
  }

  static let cases = [
    NetworkCase(
      testDescription: "darts-network", size: 32, loss: 2.11413816,
      make: {
        DARTSNetwork(
          cells: DARTSCells.secondOrder, channels: 4, cellsPerStage: 1, classes: 5,
          dropPathProbability: 0.2, hasAuxiliaryHead: true)
      },
      parts: [
        .init("auxiliary.bn1", 0.122966923, 0.286811616),
        .init("auxiliary.bn2", -0.056530242, 0.180104131),
        .init("auxiliary.classifier", 1.95065696, 3.7235057),
        .init("auxiliary.conv1", 0.859328553, 3.07175636),
        .init("auxiliary.conv2", -2.34957755, 4.90981222),
        .init("cells.0", -0.507927737, 1.95713381),
        .init("cells.1", 0.444643554, 1.1586318),
        .init("cells.2", -0.467631161, 1.40064163),
        .init("cells.3", 0.620049153, 1.83020568),
        .init("cells.4", 0.279970137, 2.23425892),
        .init("classifier.bias", -0.0927777971, 0.28042888),
        .init("classifier.weight", 1.10796647, 2.1336776),
        .init("stem.bn", 0.199925692, 0.410434519),
        .init("stem.conv", 0.112685426, 2.40841131),
      ]),
    NetworkCase(
      testDescription: "darts-supernet", size: 16, loss: 1.31023348,
      make: { DARTSSupernet(channels: 4, cellsPerStage: 1, classes: 5) },
      parts: [
        .init("alpha.normal", -0.0539936302, 0.536258737),
        .init("alpha.reduce", 0.0108529123, 0.296376143),
        .init("cells.0", -0.553852304, 3.17973631),
        .init("cells.1", 0.0571717609, 2.24427739),
        .init("cells.2", -0.210903457, 2.38708968),
        .init("cells.3", -0.592212321, 2.33331919),
        .init("cells.4", -0.0164491342, 2.30800038),
        .init("classifier.bias", -0.0678042968, 0.226834131),
        .init("classifier.weight", 0.426670422, 2.15156937),
        .init("stem.bn", 0.30141245, 1.15475422),
        .init("stem.conv", 1.48457901, 4.81292467),
      ]),
    NetworkCase(
      testDescription: "enas-child", size: 32, loss: 2.58379463,
      make: {
        ENASMicroSupernet(channels: 4, cellsPerStage: 1, classes: 5, hasAuxiliaryHead: true)
          .child(of: try ENASMicro().parse(ENASMicro.published))
      },
      parts: [
        .init("auxiliary.bn1", 0.133190853, 0.302699187),
        .init("auxiliary.bn2", -0.0149783806, 0.195261339),
        .init("auxiliary.classifier", 0.160246533, 3.8225638),
        .init("auxiliary.conv1", -0.150617991, 1.40253784),
        .init("auxiliary.conv2", 2.38105165, 5.1116956),
        .init("cells.0", 7.18947065, 16.3943712),
        .init("cells.1", 0.0819203448, 6.49999552),
        .init("cells.2", -0.0684209809, 5.14158913),
        .init("cells.3", -0.149214422, 3.04999951),
        .init("cells.4", 0.0927334095, 3.67608663),
        .init("classifier.bias", -0.069300773, 0.245538596),
        .init("classifier.weight", 0.03801703, 0.567625341),
        .init("stem.bn", -1.38688597, 1.97107352),
        .init("stem.conv", 1.87969495, 16.546386),
      ]),
    NetworkCase(
      testDescription: "nas-chain", size: 9, loss: 1.76331395,
      make: {
        let space = NASChain(depth: 4)
        let chain = try space.parse("3 5 24 | 7 1 36 1 | 1 3 24 0 0 | 5 5 48 1 0 1")
        return space.network(of: chain, scale: TrainingProtocol.Scale(), classes: 5)
      },
      parts: [
        .init("classifier.bias", -0.145480465, 0.330250668),
        .init("classifier.weight", 0.527866747, 1.38855409),
        .init("layers.0", -0.0924779021, 0.241497558),
        .init("layers.1", -0.0658044494, 0.323779285),
        .init("layers.2", 0.027844651, 0.0664227519),
        .init("layers.3", 0.0169236071, 0.918595848),
      ]),
  ]

  /// The same formula as in the script.
  private static func hashed(_ name: String, _ count: Int) -> [Float] {
    var seed: UInt64 = 0
    for (index, byte) in name.utf8.enumerated() { seed += UInt64(index + 1) * UInt64(byte) }
    return (1...UInt64(count)).map { index in
      var h = (index * 2_654_435_761 + seed * 40_503) & 0xFFFF_FFFF
      h ^= h >> 15
      h = (h * 2_246_822_519) & 0xFFFF_FFFF
      h ^= h >> 13
      return Float(Double(h) / 4_294_967_296 - 0.5)
    }
  }

  private static func values(of parameter: Parameter) -> [Float] {
    let numbers = hashed(parameter.name, parameter.count).map { Double($0) }
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
      let numbers = hashed(parameter.name + "?", parameter.count)
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

  @Test(arguments: cases, BLASBackend.allCases)
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
      Self.hashed("images", shape.count).map { Float(4 * Double($0)) }, shape)
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
