import Foundation
import NeuralNetworks
import Randomness
import TensorCore
import Testing

/// The networks that people designed: sizes as published, values as PyTorch computes them.
@Suite struct BaselineNetworkTests {
  // MARK: Sizes

  /// Counts of an independent program for each definition; in the comments what the papers print, in
  /// millions.
  static let counts: [(String, Int)] = [
    ("network-in-network", 966_986),
    ("all-cnn", 1_369_738),  // 1.3 to 1.4 in arXiv 1412.6806
    ("resnet-20", 269_722),  // 0.27
    ("resnet-32", 464_154),  // 0.46
    ("resnet-44", 658_586),  // 0.66
    ("resnet-56", 853_018),  // 0.85
    ("resnet-110", 1_727_962),  // 1.7
    ("resnet-1202", 19_421_274),  // 19.4
    ("resnet-20-b", 272_474),  // with 512 + 64 and 2048 + 128 of the two shortcuts
    ("stochastic-depth-110", 1_727_962),  // 1.7
    ("preactivation-resnet-164", 1_703_258),  // 1.7
    ("preactivation-resnet-1001", 10_327_706),  // 10.2
    ("wide-resnet-16-8", 10_961_370),  // 11.0
    ("wide-resnet-28-10", 36_479_194),  // 36.5
    ("densenet-40-12", 1_019_722),  // 1.0
    ("densenet-100-12", 6_979_642),  // 7.0
    ("densenet-100-24", 27_249_082),  // 27.2
    ("densenet-bc-100-12", 769_162),  // 0.8
    ("densenet-bc-250-24", 15_324_406),  // 15.3
    ("densenet-bc-190-40", 25_624_430),  // 25.6
    ("fractalnet-21", 33_724_618),  // 38.6, which the authors' generator does not give
  ]

  @Test(arguments: counts)
  func parametersAreExact(name: String, expected: Int) throws {
    #expect(try #require(NamedNetworks.named(name)).network().parameters.count == expected)
  }

  /// A name that ends in its depth has that depth, counted along the network.
  @Test(arguments: [
    ("network-in-network", 9), ("all-cnn", 9), ("resnet-8", 8), ("resnet-20", 20),
    ("wide-resnet-28-10", 28),
    ("preactivation-resnet-164", 164), ("densenet-bc-100-12", 100), ("fractalnet-21", 21),
  ])
  func depthsAreTheirNames(name: String, depth: Int) throws {
    #expect(try #require(NamedNetworks.named(name)).network().depth == depth)
  }

  @Test func namesAreUniqueAndSorted() {
    let names = NamedNetworks.all.map(\.name)
    #expect(names == Set(names).sorted())
    #expect(names.count >= 25)
  }

  // MARK: Values

  /// Networks of the same kinds, small where they can be.
  private static func network(_ kind: String) -> (any Network)? {
    switch kind {
    case "resnet": ResNet(depth: 14)
    case "resnet-b": ResNet(depth: 14, shortcut: .projected)
    case "stochastic-depth": ResNet(depth: 14, lastSurvival: 0.5)
    case "wide-resnet": PreactivationResNet(depth: 16, block: .basic, widening: 2)
    case "preactivation-resnet": PreactivationResNet(depth: 20, block: .bottleneck)
    case "densenet": DenseNet(depth: 13, growth: 6, isCompact: false)
    case "densenet-bc": DenseNet(depth: 16, growth: 6, isCompact: true)
    case "fractalnet": FractalNet()
    case "network-in-network": PlainNetwork.networkInNetwork()
    case "all-cnn": PlainNetwork.allConvolutional()
    default: nil
    }
  }

  /// Two images with the ramp of Tests/Reference/baseline-values.py.
  private static let images: [Float] = (0..<6144).map { (index: Int) -> Float in
    let ramp = Double((index * 53 + 7) % 211 - 105) / 60
    return Float(ramp)
  }

  /// A file with the values of Tests/Reference/baseline-values.py, which depend on a value's place
  /// in its tensor alone, in PyTorch's order of sizes.
  private static func checkpoint(of parameters: Parameters) -> Safetensors {
    Safetensors(
      (parameters.trainable + parameters.statistics).map { parameter in
        let sizes = parameter.sizes
        let ordered =
          sizes.count == 4 ? [sizes[3], sizes[2], sizes[0], sizes[1]] : sizes.reversed()
        let values = Self.values(of: parameter, isMatrix: ordered.count > 1)
        return .init(name: parameter.name, sizes: ordered, values: values)
      })
  }

  private static func values(of parameter: Parameter, isMatrix: Bool) -> [Float] {
    let fanIn = Double(parameter.count / (parameter.sizes.last ?? 1))
    let scale = (2 / fanIn).squareRoot()
    return (0..<parameter.count).map { index in
      let ramp = Double((index * 37 + 11) % 101 - 50) / 50
      if isMatrix { return Float(ramp * scale) }
      if parameter.name.hasSuffix("running_var") { return Float(1 + ramp / 4) }
      return Float(parameter.name.hasSuffix("weight") ? 1 + ramp / 10 : ramp / 10)
    }
  }

  @Test(arguments: logits.keys.sorted())
  func logitsEqualPyTorchs(kind: String) throws {
    let network = try #require(Self.network(kind))
    let context = try ComputeContext(threads: 2)
    network.parameters.allocate(in: context, key: RandomKey(seed: 1))
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(Self.checkpoint(of: network.parameters).bytes).write(to: file)
    try PyTorchCheckpoint(contentsOf: file).load(into: network.parameters)
    let tape = Tape(context, isTraining: false)
    let found = network.logits(of: tape.constant(Self.images, Shape(2, 32, 32, 3)), on: tape)
    let expected = try #require(Self.logits[kind])
    let values = found.values()
    #expect(values.count == expected.count)
    let largest = expected.map { abs($0) }.max() ?? 0
    let distances = zip(values, expected).map { abs($0 - $1) }
    #expect(distances.max() ?? .infinity < 2e-4 * largest)
  }

  // MARK: Training

  /// What drops out in training does, and another key drops other things.
  @Test(arguments: ["stochastic-depth", "fractalnet", "network-in-network"])
  func trainingDropsByItsKey(kind: String) throws {
    let network = try #require(Self.network(kind))
    let context = try ComputeContext(threads: 2)
    network.parameters.allocate(in: context, key: RandomKey(seed: 1))
    func loss(_ seed: UInt64) -> Double {
      let tape = Tape(context, isTraining: true)
      let images = tape.constant(Self.images, Shape(2, 32, 32, 3))
      network.parameters.clearGradients()
      let score = network.score(
        images, labels: [1, 2], on: tape,
        during: TrainingPass(key: RandomKey(seed: seed), progress: 0.5))
      tape.backward()
      return score.totalLoss
    }
    let losses = (0..<8).map { loss($0) }
    #expect(Set(losses).count > 1 && losses.allSatisfy(\.isFinite))
    // Running statistics move, losses do not: training normalises by the batch.
    #expect(loss(3) == losses[3])
  }

  /// Printed by Tests/Reference/baseline-values.py, two images one after the other.
  static let logits: [String: [Float]] = [
    "resnet": [
      -0.1503634, -0.04688378, 0.1761935, -0.08061986, 0.01178332, 0.07682466, 0.002861973,
      -0.02024416, -0.03302629, -0.07664954, -0.1197692, -0.0837286, 0.1233093, -0.06892852,
      0.01385782, 0.08950876, 0.04183358, -0.05286123, -0.03227727, -0.04444568,
    ],
    "resnet-b": [
      -0.1217654, 0.0008965642, 0.06628512, -0.03812775, 0.032926, 0.07973146, -0.02434556,
      0.04088308, -0.09876259, -0.05484738, -0.1135972, 0.01847046, 0.08232436, -0.03692085,
      0.03318729, 0.06312384, -0.02865832, 0.03075847, -0.09669671, -0.05147107,
    ],
    "stochastic-depth": [
      -0.1478243, -0.04817198, 0.1759644, -0.07662905, 0.004085192, 0.08301722, 0.00303641,
      -0.02160975, -0.03542301, -0.07228336, -0.1176219, -0.08774117, 0.1219498, -0.06448442,
      0.003349137, 0.09570028, 0.04357757, -0.05288514, -0.03002525, -0.0411839,
    ],
    "wide-resnet": [
      -0.06154279, 0.01726568, 0.09357345, -0.04919261, 0.0005712416, 0.0712456, -0.04904678,
      0.01507067, -0.08908428, -0.004664004, -0.06180381, 0.01897204, 0.09277036, -0.05426135,
      -0.002951102, 0.07264179, -0.05290067, 0.01520527, -0.08260451, -0.003012091,
    ],
    "preactivation-resnet": [
      -0.09180865, -0.006625715, 0.06083314, -0.05877191, 0.009392757, 0.09246846, -0.028325,
      0.04780883, -0.09543613, -0.03121712, -0.09072804, -0.003142846, 0.06561852, -0.05891611,
      0.008511423, 0.09799106, -0.03701271, 0.04756394, -0.09639869, -0.02850968,
    ],
    "densenet": [
      -0.09352463, -0.007472515, 0.08477107, -0.03876341, 0.03220425, 0.1039859, -0.02572449,
      0.04233499, -0.09577355, -0.02336866, -0.09286632, -0.008597374, 0.08280742, -0.03982427,
      0.03067629, 0.1032054, -0.02558802, 0.04235557, -0.09476484, -0.02205711,
    ],
    "densenet-bc": [
      -0.07659566, -0.007062227, 0.0761726, -0.06011258, 0.01132733, 0.08931755, -0.03742534,
      0.04078285, -0.09619938, -0.01263612, -0.07595617, -0.006653433, 0.07556909, -0.06019191,
      0.01151614, 0.08999118, -0.03829987, 0.04033257, -0.09624456, -0.01197061,
    ],
    "fractalnet": [
      -0.08533937, 0.0002386835, 0.05952102, -0.04739739, 0.007242269, 0.1019993, -0.04233166,
      0.03773581, -0.08985897, -0.02786317, -0.08551922, 0.0008773068, 0.05904959, -0.04675171,
      0.006592982, 0.1022257, -0.04237645, 0.03755177, -0.08935266, -0.02822966,
    ],
    "network-in-network": [
      0.04566485, 0.004187363, 0.05949003, 0.07791086, 0.04586801, 0.01393713, 0.1287357,
      0.09068543, 0, 0.1795605, 0.0459546, 0.004228663, 0.0591144, 0.07845272, 0.04594294,
      0.01353366, 0.1292848, 0.09088395, 0, 0.1801168,
    ],
    "all-cnn": [
      0.09753699, 0, 0.01656882, 0.1409008, 0.01859256, 0, 0.1885317, 0.06550094, 0, 0.2361626,
      0.09746913, 0, 0.01694701, 0.1409402, 0.0184528, 0, 0.1885656, 0.06524605, 0, 0.236191,
    ],
  ]
}
