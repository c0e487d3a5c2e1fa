import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import TestSupport
import Testing
import WeightSharing

/// Six steps of DARTS in two epochs against the authors' network and architect (quark0/darts), run by
/// `python3 Tests/Reference/darts-values.py`: the order of the two updates, both gradients, both
/// optimizers with their decays, the clipping, and a rate that moves once an epoch.
@Suite struct DARTSTraceTests {
  /// After a step: the loss it found, and of α, of Adam's mean of its gradient, of what the weights
  /// have moved and of their momenta a projection and the norm, or the norm alone.
  struct Moment: Sendable {
    let loss: Double
    let alpha: (projection: Double, norm: Double)
    let mean: (projection: Double, norm: Double)
    let weights: Double
    let momenta: Double
  }

  private static let first: [Moment] = [
    .init(
      loss: 1.61480102, alpha: (0.00995096387, 4.30803728), mean: (0.484572182, 0.798116846),
      weights: 0.125002253, momenta: 5.00009012),
    .init(
      loss: 1.56388295, alpha: (0.0100349761, 4.30795669), mean: (0.100633279, 0.864578062),
      weights: 0.268817813, momenta: 6.73983549),
    .init(
      loss: 0.246527345, alpha: (0.0110918278, 4.3079119), mean: (-0.325183416, 1.03186226),
      weights: 0.425794802, momenta: 7.66155039),
    .init(
      loss: 1.62319866, alpha: (0.0104961982, 4.30777065), mean: (-0.0320443326, 1.19816728),
      weights: 0.505080851, momenta: 8.39229497),
    .init(
      loss: 1.3744521, alpha: (0.0113979175, 4.30753421), mean: (-0.219732774, 0.819262514),
      weights: 0.587188675, momenta: 9.1940583),
    .init(
      loss: 0.869991859, alpha: (0.011978731, 4.30740886), mean: (-0.0367339451, 0.794140911),
      weights: 0.672180262, momenta: 9.45023905),
  ]

  private static let second: [Moment] = [
    .init(
      loss: 2.78170194, alpha: (0.0129845332, 4.30810163), mean: (-0.00461112541, 0.737644457),
      weights: 0.125010934, momenta: 5.00043736),
    .init(
      loss: 2.08615236, alpha: (0.0124905914, 4.30785814), mean: (-0.231695888, 0.583686132),
      weights: 0.304385362, momenta: 7.8022795),
    .init(
      loss: 1.34312608, alpha: (0.0127212947, 4.30773371), mean: (-0.155685745, 0.529707367),
      weights: 0.519160206, momenta: 9.41358678),
    .init(
      loss: 1.32884899, alpha: (0.0129167436, 4.30758874), mean: (-0.173348136, 0.402547477),
      weights: 0.631621484, momenta: 10.1422929),
    .init(
      loss: 1.20358497, alpha: (0.0130346235, 4.30754379), mean: (-0.236077223, 0.387890399),
      weights: 0.742068711, momenta: 10.17764),
    .init(
      loss: 1.08446697, alpha: (0.0124295939, 4.3074411), mean: (-0.25513502, 0.45604636),
      weights: 0.833899421, momenta: 9.44453615),
  ]

  /// A search whose weights and α are the script's.
  private func search(order: Double) throws -> any Evaluation & Checkpointable {
    let (size, scale) = order == 1 ? (4, 3.5) : (32, 7)
    let task = try OneShotTask.stub(
      DARTSCells(), budget: Budget(2, .epochs),
      data: FixedImages(size: size, classes: [0, 1, 1, 0]))
    let settings = MethodSettings(
      of: DARTS.settings,
      replacing: ["searches": 1, "order": order, "batch-size": Double(size)])
    var search = try DARTS.search(task, settings: settings)
    var snapshot = try search.snapshot()
    let found = try Safetensors(reading: snapshot.tensors)
    var place = 0
    snapshot.tensors =
      Safetensors(
        found.tensors.map { tensor in
          let values: [Float]
          switch tensor.name {
          case "alpha/alpha.normal", "alpha/alpha.reduce":
            values = ReferenceNumbers.hashed(
              String(tensor.name.dropFirst(6)).replacing(".", with: " "), tensor.values.count)
          case let name where name.hasPrefix("weight/"):
            values = weights(place, tensor.sizes, scale: scale)
            place += 1
          default: values = tensor.values
          }
          return Safetensors.Tensor(name: tensor.name, sizes: tensor.sizes, values: values)
        }
      ).bytes
    try search.restore(from: snapshot)
    return search
  }

  private func weights(_ index: Int, _ sizes: [Int], scale: Double) -> [Float] {
    let count = sizes.reduce(1, *)
    let numbers = ReferenceNumbers.hashed("weight \(index)", count).map { Double($0) }
    guard sizes.count > 1 else {
      return numbers.map { Float(index == 1 ? 1 + 0.5 * $0 : $0) }
    }
    let root = Double(sizes.dropLast().reduce(1, *)).squareRoot()
    return numbers.map { Float($0 * scale / root) }
  }

  private func values(_ prefix: String, of search: any Checkpointable) throws -> [Double] {
    try Safetensors(reading: search.snapshot().tensors).tensors
      .filter { $0.name.hasPrefix(prefix) }.flatMap { $0.values.map { Double($0) } }
  }

  private func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private func projection(_ values: [Double], _ name: String) -> Double {
    zip(values, ReferenceNumbers.hashed(name, values.count)).reduce(0) { $0 + $1.0 * Double($1.1) }
  }

  /// How far single precision may be from the script's double. The first order keeps four digits of
  /// gradients, five of α. The second order's mixed derivative is a difference of two gradients a hundredth of a
  /// gradient apart, in which ReLUs switch: with all of it in single precision the authors' program is
  /// as far from itself, half a hundredth in the second step and a twentieth from the third on. Without
  /// that derivative the first step's gradient would be a quarter shorter.
  private func tolerance(order: Double, step: Int) -> Double {
    order == 1 ? 1e-4 : step < 2 ? 1e-2 : 0.1
  }

  @Test(arguments: [1.0, 2])
  func stepsAreTheAuthors(order: Double) throws {
    let search = try search(order: order)
    let start = try values("weight/", of: search)
    var losses: [Double] = []
    for (step, expected) in (order == 1 ? Self.first : Self.second).enumerated() {
      let report = try search.step()
      if let epoch = report.epoch { losses.append(epoch.trainingLoss) }
      let alpha = try values("alpha/", of: search)
      let mean = try values("alpha.mean/", of: search)
      let tolerance = tolerance(order: order, step: step)
      // α moves by up to 3e-4 a step in each of its 224 places.
      let ofAlpha = order == 1 ? 1e-5 : 0.05 * tolerance
      #expect(abs(projection(alpha, "alpha?") - expected.alpha.projection) < ofAlpha, "\(step)")
      #expect(abs(norm(alpha) - expected.alpha.norm) < ofAlpha, "\(step)")
      let bound = tolerance * expected.mean.norm
      #expect(abs(projection(mean, "mean?") - expected.mean.projection) < bound, "\(step)")
      #expect(abs(norm(mean) - expected.mean.norm) < bound, "\(step)")
      let moved = zip(try values("weight/", of: search), start).map { $0 - $1 }
      #expect(abs(norm(moved) / expected.weights - 1) < max(1e-4, tolerance), "\(step)")
      let momenta = norm(try values("momentum/", of: search))
      #expect(abs(momenta / expected.momenta - 1) < max(1e-4, tolerance), "\(step)")
    }
    let means = [0, 3].map { begin in
      (order == 1 ? Self.first : Self.second)[begin..<begin + 3].reduce(0) { $0 + $1.loss } / 3
    }
    #expect(losses.count == 2)
    for (found, expected) in zip(losses, means) {
      #expect(abs(found / expected - 1) < (order == 1 ? 1e-4 : 1e-2))
    }
  }
}
