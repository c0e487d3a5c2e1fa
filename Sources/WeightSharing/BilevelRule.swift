import OperationCosts
import SearchCore
import SearchSpaces
import TensorCore

/// DARTS' gradients: of the mixed network, for α through the weights as they are or through one step
/// of theirs.
final class BilevelRule: RelaxedRule {
  private let gradient: BilevelGradient
  private let price: BilevelPrice
  private let isSecondOrder: Bool
  private var prices: [[Int]: Charge] = [:]

  init(_ plan: RelaxedPlan, _ price: BilevelPrice, isSecondOrder: Bool) {
    let relaxation = plan.relaxation
    gradient = BilevelGradient(
      weights: relaxation.parameters, alphas: relaxation.alphas,
      clipNorm: relaxation.clipsWithin ? plan.recipe.clipNorm : nil, in: plan.task.context)
    self.price = price
    self.isSecondOrder = isSecondOrder
  }

  func differentiateAlphas(_ step: RelaxedStep, _ optimizer: SGD) -> BatchScore {
    isSecondOrder
      ? gradient.secondOrder(
        training: step.training, validation: step.validation, optimizer: optimizer,
        step: step.learningRate)
      : gradient.firstOrder(validation: step.validation)
  }

  func differentiateWeights(_ step: RelaxedStep, _ parameters: Parameters?) -> BatchScore {
    gradient.pass(step.penalized, to: parameters)
  }

  func charge(of step: RelaxedStep) -> Charge {
    let sizes = [step.examples.training, step.examples.validation]
    if let charge = prices[sizes] { return charge }
    let charge = price.step(training: sizes[0], validation: sizes[1])
    prices[sizes] = charge
    return charge
  }
}
