import Foundation
import NeuralNetworks
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import TestSupport
import Testing
import WeightSharing

/// Six steps in two epochs of each search by a relaxation of NAS-Bench-201, against the authors' programs
/// (D-X-Y/AutoDL-Projects), run by `python3 Tests/Reference/nasbench201-search-values.py`: the network,
/// the order of the two updates, both gradients, both optimizers, the clipping by the norm of weights and
/// α together, a rate and a temperature that move once an epoch, and GDAS' draws.
@Suite struct NASBench201TraceTests {
  /// After a step: of α and of Adam's mean of its gradient a projection and the norm, of what the weights
  /// have moved and of their momenta the norm.
  struct Moment: Sendable {
    let alpha: (projection: Double, norm: Double)
    let mean: (projection: Double, norm: Double)
    let weights: Double
    let momenta: Double
  }

  struct Example: Sendable, CustomTestStringConvertible {
    let method: any WeightSharingMethod.Type
    var preset: String?
    let moments: [Moment]
    /// Mean losses of the weights' steps in the two epochs.
    let losses: [Double]
    /// How far single precision may be from the script's double, of the gradients: a difference of two
    /// gradients a hundredth of a gradient apart is less sure.
    var tolerance = 2e-4
    var testDescription: String { preset ?? method.name }
  }

  static let examples = [
    Example(
      method: DARTS.self, preset: "nas-bench-201-v1", moments: first,
      losses: [1.62094803, 1.80250612]),
    Example(
      method: DARTS.self, preset: "nas-bench-201-v2", moments: second,
      losses: [1.6216653, 1.8127695], tolerance: 0.05),
    Example(method: GDAS.self, moments: drawn, losses: [1.78330905, 1.7993782]),
  ]

  private static let first: [Moment] = [
    .init(
      alpha: (-0.709649961, 1.69389837), mean: (0.0739207064, 0.16566949), weights: 0.237180991,
      momenta: 4.99328403),
    .init(
      alpha: (-0.710185581, 1.69393066), mean: (0.0210278819, 0.220528514), weights: 0.413194765,
      momenta: 6.7138086),
    .init(
      alpha: (-0.710366845, 1.69418153), mean: (-0.0120943409, 0.265482779), weights: 0.595595705,
      momenta: 7.84085471),
    .init(
      alpha: (-0.710273856, 1.69409188), mean: (-0.0128778681, 0.183819663), weights: 0.681717402,
      momenta: 8.13222293),
    .init(
      alpha: (-0.710076446, 1.69401782), mean: (-0.0164602559, 0.187103739), weights: 0.774728326,
      momenta: 9.04963615),
    .init(
      alpha: (-0.709993984, 1.6939833), mean: (-0.0130049939, 0.248147757), weights: 0.872812164,
      momenta: 9.80818377),
  ]

  private static let second: [Moment] = [
    .init(
      alpha: (-0.709938857, 1.69417612), mean: (0.0964142099, 0.389260828), weights: 0.234482033,
      momenta: 4.93646385),
    .init(
      alpha: (-0.709549207, 1.69389361), mean: (0.0869036997, 0.487333448), weights: 0.407730751,
      momenta: 6.6293113),
    .init(
      alpha: (-0.709464523, 1.69389579), mean: (-0.0102912368, 0.44586312), weights: 0.588204915,
      momenta: 7.76327375),
    .init(
      alpha: (-0.709315799, 1.69378307), mean: (-0.00288896083, 0.269170476), weights: 0.672827788,
      momenta: 8.06448039),
    .init(
      alpha: (-0.709158771, 1.6938645), mean: (0.0104109825, 0.319451952), weights: 0.762813087,
      momenta: 8.87782049),
    .init(
      alpha: (-0.709074786, 1.6939754), mean: (-0.00325190703, 0.422083482), weights: 0.856078942,
      momenta: 9.481265),
  ]

  private static let drawn: [Moment] = [
    .init(
      alpha: (-0.708782382, 1.69320612), mean: (-0.00108601332, 0.00639006273),
      weights: 0.237503757,
      momenta: 5.00007909),
    .init(
      alpha: (-0.707923423, 1.69273105), mean: (0.00141456972, 0.00553339473), weights: 0.374955417,
      momenta: 5.64456115),
    .init(
      alpha: (-0.707572083, 1.69219016), mean: (0.0017948479, 0.00635897333), weights: 0.52177663,
      momenta: 6.41515895),
    .init(
      alpha: (-0.7070395, 1.69170554), mean: (0.0405433687, 0.216805853), weights: 0.601401388,
      momenta: 7.72189382),
    .init(
      alpha: (-0.7064992, 1.69115858), mean: (-0.0506213088, 0.255192581), weights: 0.684290014,
      momenta: 8.58510109),
    .init(
      alpha: (-0.706156398, 1.69068786), mean: (-0.0313572524, 0.517679578), weights: 0.766580527,
      momenta: 8.50500035),
  ]

  /// A search whose weights, α and noise are the script's.
  private func search(_ example: Example) throws -> any Evaluation & Checkpointable {
    let task = try OneShotTask.stub(
      NASBench201(), budget: Budget(2, .epochs),
      data: FixedImages(size: 10, classes: [0, 1, 2, 3, 4]))
    let preset = example.method.presets.first { $0.name == example.preset }
    #expect(example.preset == nil || preset != nil)
    let settings = MethodSettings(
      of: example.method.settings,
      replacing: (preset?.values ?? [:]).merging(["batch-size": 10]) { $1 })
    var search =
      example.method is GDAS.Type
      ? try GDAS.search(task, settings: settings, noise: noise)
      : try example.method.search(task, settings: settings)
    var snapshot = try search.snapshot()
    let found = try Safetensors(reading: snapshot.tensors)
    var place = 0
    snapshot.tensors =
      Safetensors(
        found.tensors.map { tensor in
          var values = tensor.values
          if tensor.name == "alpha/alpha" { values = ReferenceNumbers.hashed("alpha", 30) }
          if tensor.name.hasPrefix("weight/") {
            values = weights(place, tensor)
            place += 1
          }
          return Safetensors.Tensor(name: tensor.name, sizes: tensor.sizes, values: values)
        }
      ).bytes
    try search.restore(from: snapshot)
    return search
  }

  private func weights(_ index: Int, _ tensor: Safetensors.Tensor) -> [Float] {
    let sizes = tensor.sizes
    let numbers = ReferenceNumbers.hashed("weight \(index)", tensor.values.count).map(Double.init)
    guard sizes.count > 1 else {
      let isScale = tensor.name.hasSuffix(".bn.weight")
      return numbers.map { Float(isScale ? 1 + 0.5 * $0 : $0) }
    }
    let root = Double(sizes.dropLast().reduce(1, *)).squareRoot()
    return numbers.map { Float($0 * 3.5 / root) }
  }

  /// The script's: the weights' draw of a step comes before α's.
  private func noise(_ index: Int, _ part: SplitPart) -> [[Double]] {
    let call = 2 * index + (part == .training ? 0 : 1)
    let numbers = ReferenceNumbers.hashed("noise \(call)", 30).map { -log(-log(Double($0) + 0.5)) }
    return (0..<6).map { Array(numbers[5 * $0..<5 * ($0 + 1)]) }
  }

  @Test(arguments: examples)
  func stepsAreTheAuthors(_ example: Example) throws {
    typealias Arrays = TraceArrays
    let search = try search(example)
    let start = try Arrays(of: search)["weight/"]
    #expect(start.count == 24_969)
    var losses: [Double] = []
    for (step, expected) in example.moments.enumerated() {
      if let epoch = try search.step().epoch { losses.append(epoch.trainingLoss) }
      let found = try Arrays(of: search)
      let (alpha, mean) = (found["alpha/"], found["alpha.mean/"])
      // α moves by up to 3e-4 a step in each of its 30 places.
      let ofAlpha = max(1e-5, 1e-3 * example.tolerance)
      #expect(
        abs(Arrays.projection(alpha, "alpha?") - expected.alpha.projection) < ofAlpha, "\(step)")
      #expect(abs(Arrays.norm(alpha) - expected.alpha.norm) < ofAlpha, "\(step)")
      let bound = example.tolerance * expected.mean.norm
      #expect(abs(Arrays.projection(mean, "mean?") - expected.mean.projection) < bound, "\(step)")
      #expect(abs(Arrays.norm(mean) - expected.mean.norm) < bound, "\(step)")
      let moved = Arrays.norm(zip(found["weight/"], start).map { $0 - $1 })
      #expect(abs(moved / expected.weights - 1) < example.tolerance, "\(step)")
      let momenta = Arrays.norm(found["momentum/"])
      #expect(abs(momenta / expected.momenta - 1) < example.tolerance, "\(step)")
    }
    #expect(losses.count == 2)
    for (found, expected) in zip(losses, example.losses) {
      #expect(abs(found / expected - 1) < example.tolerance)
    }
    // The end of the last epoch, and of the search.
    let end = try search.step()
    #expect(
      end.chosen.map(NASBench201().text)
        == "|nor_conv_1x1~0|+|skip_connect~0|nor_conv_1x1~1|+"
        + "|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|")
  }

  /// 10 - 9.9 e / (E - 1), which their command line prints for each epoch; never below 0.1, and 10 where
  /// one epoch has no end to reach.
  @Test(arguments: [2.0, 3, 50, 250, 10.4])
  func temperatureEndsWithTheLastEpoch(epochs: Double) {
    let course = TemperatureCourse(from: 10, to: 0.1, epochs: epochs)
    let count = Int(epochs.rounded(.up))
    for epoch in 0..<count {
      let expected = 10 - 9.9 * Double(epoch) / Double(count - 1)
      #expect(abs(course(at: Double(epoch) / epochs) - expected) < 1e-9, "\(epoch)")
    }
    #expect(course(at: 1) == 0.1 || abs(course(at: 1) - 0.1) < 1e-12)
    #expect(course(at: 2) >= 0.1 - 1e-12)
    #expect(TemperatureCourse(from: 10, to: 0.1, epochs: 1)(at: 0) == 10)
    #expect(TemperatureCourse(from: 10, to: 0.1, epochs: 0.3)(at: 0) == 10)
    // A budget of measured time, whose epochs nobody knows.
    #expect(TemperatureCourse(from: 10, to: 0.1, epochs: .infinity)(at: 0.5) == 5.05)
  }

  @Test func gdasSearchesNASBench201Alone() throws {
    #expect {
      _ = try GDAS.forecast(.stub(DARTSCells()), settings: MethodSettings(of: GDAS.settings))
    } throws: {
      "\($0)" == "method 'gdas' cannot search space 'darts-cells'; expected nas-bench-201"
    }
  }
}
