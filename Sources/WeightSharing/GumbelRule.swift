import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// GDAS' gradients: of a path that is drawn from α, another for the weights and for α.
final class GumbelRule: RelaxedRule {
  /// Noise of a draw, row by row, for tests; `nil` for the search's own.
  typealias Noise = (_ index: Int, _ part: SplitPart) -> [[Double]]

  private let network: NASBench201Supernet
  private let relaxation: CellRelaxation
  private let price: GumbelPrice
  private let task: OneShotTask
  private let temperature: TemperatureCourse
  private let noise: Noise?
  private var prices: [[Int]: Charge] = [:]

  init(
    _ network: NASBench201Supernet, _ relaxation: CellRelaxation, _ price: GumbelPrice,
    _ temperature: TemperatureCourse, _ noise: Noise?, for task: OneShotTask
  ) {
    self.network = network
    self.relaxation = relaxation
    self.price = price
    self.temperature = temperature
    self.noise = noise
    self.task = task
  }

  /// The draw of a step that is trained on a part of the images. Only α's own step changes α, and both
  /// draws of a step are made before it.
  private func draw(_ step: RelaxedStep, _ part: SplitPart) -> GumbelDraw {
    let (logits, temperature) = (network.logits, temperature(at: step.progress))
    if let noise = noise?(step.index, part),
      let draw = GumbelDraw(logits: logits, noise: noise, temperature: temperature)
    {
      return draw
    }
    var generator = task.key.child("draw", step.index).child(part.rawValue).generator()
    return GumbelDraw(logits: logits, temperature: temperature, using: &generator)
  }

  func differentiateAlphas(_ step: RelaxedStep, _ optimizer: SGD) -> BatchScore {
    network.alphas.clearGradients()
    return pass(step, .validation, to: network.alphas)
  }

  func differentiateWeights(_ step: RelaxedStep, _ parameters: Parameters?) -> BatchScore {
    pass(step, .training, to: parameters)
  }

  /// Runs the drawn path forwards in training, and backwards to some parameters; `nil` for all.
  private func pass(
    _ step: RelaxedStep, _ part: SplitPart, to parameters: Parameters?
  ) -> BatchScore {
    let tape = Tape(task.context, isTraining: true, differentiating: parameters)
    let score = relaxation.score(
      step.index, of: part, by: network.drawing(draw(step, part)), on: tape)
    tape.backward()
    return score
  }

  func charge(of step: RelaxedStep) -> Charge {
    let paths = (draw(step, .training).columns, draw(step, .validation).columns)
    let place = paths.0 + paths.1 + [step.examples.training, step.examples.validation]
    if let charge = prices[place] { return charge }
    // Early draws hardly come back, late ones do.
    if prices.count > 256 { prices = [:] }
    let charge = price.step(
      training: (step.examples.training, paths.0), validation: (step.examples.validation, paths.1))
    prices[place] = charge
    return charge
  }
}

/// What a step of GDAS is charged: two passes along one path each, and the updates.
///
/// The released code computes α's gradient in both passes, and the weights' in both; here the pass
/// for α has α's alone.
struct GumbelPrice {
  let network: NASBench201Supernet
  let relaxation: CellRelaxation
  let clips: Bool
  let clipsTogether: Bool
  let device: DeviceProfile

  /// The charge of a step on a minibatch of the training split along one path, and on one of the
  /// validation split along another; the first alone counts towards an epoch.
  func step(
    training: (examples: Int, path: [Int]), validation: (examples: Int, path: [Int])
  ) -> Charge {
    let (weights, alphas) = (network.parameters, network.alphas)
    let operations =
      pass(training, to: clipsTogether ? nil : weights).operations
      + SGD.operations(weights, clips: clips)
      + pass(validation, to: alphas).operations + Adam.operations(alphas)
    return device.charge(
      for: operations, examples: training.examples + validation.examples,
      trainingExamples: training.examples)
  }

  /// Most bytes in use, with weights, gradients and momenta.
  func peakBytes(examples: Int, path: [Int]) -> Int {
    let tape = pass((examples, path), to: clipsTogether ? nil : network.parameters)
    tape.backward()
    return tape.peakBytes + 12 * network.parameters.count
  }

  private func pass(_ minibatch: (examples: Int, path: [Int]), to parameters: Parameters?) -> Tape {
    let draw = GumbelDraw(columns: minibatch.path, of: network.operationNames.count)
    let tape = Tape.dry(isTraining: true, differentiating: parameters)
    relaxation.price(examples: minibatch.examples, by: network.drawing(draw), on: tape)
    return tape
  }
}

/// A temperature that falls linearly once an epoch and reaches its end with the last epoch.
package struct TemperatureCourse {
  private let first: Double
  private let last: Double
  private let epochs: Double

  /// - Parameter epochs: Of the training, above 0; the last may be a part of one.
  package init(from first: Double, to last: Double, epochs: Double) {
    (self.first, self.last) = (first, last)
    self.epochs = epochs
  }

  /// τ in the epoch that begins when a part of the training, from 0 to 1, is done.
  package func callAsFunction(at progress: Double) -> Double {
    // Forecasts of epochs miss whole numbers by a rounding.
    let steps = (epochs - 1e-6).rounded(.up) - 1
    guard steps.isFinite else { return first + (last - first) * progress }
    // One epoch has no end to reach.
    let part = steps > 0 ? progress * epochs / steps : 0
    return first + (last - first) * min(1, max(0, part))
  }
}
