import Controllers
import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// Efficient neural architecture search: a controller draws paths through shared weights, and
/// learns which are good while the weights are trained.
///
/// In turn, one pass over the training split moves the weights, each minibatch along one drawn path,
/// and then the controller is updated some times, each time on samples that are scored on one
/// validation minibatch each. At the end some samples are scored so and the best is chosen. The
/// learning rate of the weights is a cosine with warm restarts, stretched over the budget.
///
/// By default weights off a path stay as they are; the released codes, and the presets of their
/// names, let all of them decay and carry their momentum on in every step. Rewards and the choice are
/// on plain validation images, but for NAS-Bench-201's, which crops and flips them. What regularises
/// the weights beside that are settings.
///
/// Defaults are the paper's, but what it does not say is the released code's: the controller's Adam
/// with β₁ = 0 and ε = 10⁻³, which no setting changes, and whose ε is TensorFlow's (`epsilon-hat`);
/// its size and its baseline. NAS-Bench-201's controller has one output layer and one embedding for all
/// edges, where here every decision of a space that is not ENAS' has its own; and it lets a gradient
/// through the entropy in the reward, of a ten-thousandth part, which lowers the entropy.
///
/// In the released macro search every branch of `tf.case` returns the graph that was built last, max
/// pooling, since the branches are closures over one variable; `released-macro` is the program as it
/// is meant. It computes all six operations of a layer, and the micro search all five of an edge, to
/// use one, and the published GPU-days are of that: here one is computed and charged.
///
/// Source: Pham et al., arXiv 1802.03268, sections 2.2 and 3.2, and the released code; settings for
/// NAS-Bench-201 from arXiv 2001.00326.
public enum ENAS: WeightSharingMethod {
  public static let name = "enas"

  /// A search with everything that follows from its settings.
  struct Plan {
    let task: OneShotTask
    let weights: any PathWeights
    let recipe: SharedWeights.Recipe
    let schedule: Schedule
    let controller: ControllerPlan
    let selectionSamples: Int
    let prices: PathPrices

    /// What the choice may cost: every sample at the price of the dearest of some.
    func reserve(_ controller: ENASController) -> Charge {
      (prices.dearestScore + controller.chargeOfDraw) * selectionSamples
    }
  }

  /// How the controller is trained.
  package struct ControllerPlan {
    let shape: ENASPolicyShape
    let learningRate: Float
    /// β₁ and ε of Adam.
    let decay: Float
    let epsilon: Float
    let entropyWeight: Double
    /// Whether the entropy in the reward is -p log p of the chosen options alone.
    let countsChosenEntropy: Bool
    let baseline: RewardBaseline
    /// What ε of the controller's Adam is added to.
    let epsilonConvention: Adam.EpsilonConvention
    /// Largest norm of the controller's gradient; `nil` for no clipping.
    let clipNorm: Double?
    let skipWeight: Double
    let updatesPerEpoch: Int
    let samplesPerUpdate: Int

    /// Takes a suite's values.
    package init(_ settings: MethodSettings) {
      learningRate = Float(settings["controller-learning-rate"])
      decay = Float(settings["controller-beta1"])
      epsilon = Float(settings["controller-epsilon"])
      entropyWeight = settings["entropy-weight"]
      countsChosenEntropy = settings["chosen-entropy"] == 1
      baseline = RewardBaseline(
        momentum: settings["baseline-decay"],
        settings["baseline-per-epoch"] == 1 ? .earlierEpochsAndItself : .upToItself)
      epsilonConvention = settings["epsilon-hat"] == 1 ? .hat : .algorithm1
      let clip = settings["controller-gradient-clip"]
      clipNorm = clip > 0 ? clip : nil
      skipWeight = settings["skip-weight"]
      updatesPerEpoch = Int(settings["controller-updates"])
      samplesPerUpdate = Int(settings["samples-per-update"])
      var shape = ENASPolicyShape()
      shape.layers = Int(settings["controller-layers"])
      shape.hidden = Int(settings["hidden-units"])
      shape.initialRange = Float(settings["initial-range"])
      let tanhConstant = settings["tanh-constant"]
      shape.temper = ChoiceTemper(
        temperature: settings["temperature"], tanhConstant: tanhConstant > 0 ? tanhConstant : nil)
      shape.operationTanhReduction = settings["operation-tanh-reduction"]
      shape.skipPrior = SkipPrior(
        probability: settings["skip-target"], scale: settings["skip-logit-scale"])
      self.shape = shape
    }
  }

  public static func search(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> any Evaluation & Checkpointable {
    try SeedSelection.search(task, settings, of: name) { task, share throws(MethodError) in
      ENASSearch(try plan(task, settings), share)
    }
  }

  public static func forecast(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> OneShotForecast {
    let plan = try plan(task, settings)
    let controller = ENASController(plan.controller, for: task)
    let (draw, samples) = (controller.chargeOfDraw, plan.controller.samplesPerUpdate)
    let update =
      (draw + plan.prices.score) * samples + controller.chargeOfUpdate(samples: samples)
    return try SeedSelection.forecast(
      OneShotForecast(
        epoch: plan.prices.epoch + draw * plan.weights.usualBatches + update
          * plan.controller.updatesPerEpoch,
        selection: plan.reserve(controller),
        controllerUpdatesPerEpoch: plan.controller.updatesPerEpoch,
        peakMemoryBytes: plan.prices.peakBytes), task, settings, of: name)
  }

  private static func plan(
    _ task: OneShotTask, _ settings: MethodSettings
  ) throws(MethodError) -> Plan {
    var recipe = SharedWeights.Recipe(ofPaths: settings)
    recipe.auxiliaryWeight = Float(settings["auxiliary-weight"])
    recipe.scoring.dropsFeatures = settings["score-dropout"] == 1
    // Where the penalty is λ ‖w‖² and not half of it, its gradient is 2 λ w.
    if settings["halve-weight-decay"] == 0 { recipe.weightDecay *= 2 }
    let weights = try weights(task, recipe, settings)
    let controller = ControllerPlan(settings)
    return Plan(
      task: task, weights: weights, recipe: recipe,
      schedule: schedule(settings),
      controller: controller, selectionSamples: Int(settings["selection-samples"]),
      prices: PathPrices(
        of: weights, in: task, scoring: recipe.batchSize,
        drawing: untrained(controller, in: task)))
  }

  private static func schedule(_ settings: MethodSettings) -> Schedule {
    let (rate, epochs) = (settings["learning-rate"], Int(settings["schedule-epochs"]))
    if settings["decay-factor"] < 1 {
      return .stepwise(
        from: rate, after: Int(settings["decay-after"]), factor: settings["decay-factor"],
        epochs: epochs)
    }
    return .cosineWithRestarts(
      from: rate, to: settings["final-learning-rate"], period: Int(settings["restart-period"]),
      growth: Int(settings["restart-growth"]), epochs: epochs)
  }

  /// The shared weights of the task's space with its data.
  private static func weights(
    _ task: OneShotTask, _ recipe: SharedWeights.Recipe, _ settings: MethodSettings
  ) throws(MethodError) -> any PathWeights {
    if let space = task.space as? any WeightSharingLanguageSpace {
      return try SharedLanguageWeights(
        of: space, recipe, settings, scoredBatch: recipe.batchSize, for: task, by: Self.self)
    }
    guard let space = task.space as? any WeightSharingSearchSpace else {
      throw unsuitable(task.space, expected: WeightSharingCatalog.spaces)
    }
    let images = try task.images(for: Self.self)
    let paths = space.sharedWeights(
      scale: task.scale, classes: images.classes,
      options: try regularization(of: space, images, settings))
    if settings["auxiliary-training"] == 0 {
      paths.parameters.fix(last: paths.auxiliaryParameterCount)
    }
    return SharedWeights(paths, recipe, on: images, for: task)
  }

  /// What regularises the shared weights.
  ///
  /// - Throws: `MethodError` if the space's networks or the images do not allow it.
  private static func regularization(
    of space: any WeightSharingSearchSpace, _ images: any MinibatchSource,
    _ settings: MethodSettings
  ) throws(MethodError) -> NetworkOptions {
    var options = images.plainOptions
    options.hasAuxiliaryHead = settings["auxiliary-weight"] > 0
    options.dropPath = DropPath(
      finalProbability: Float(settings["drop-path"]), growsWithDepth: true)
    options.dropout = Float(settings["dropout"])
    let objection = space.objection(
      to: options, height: images.image.height, width: images.image.width,
      place: "the settings of \(name)")
    if let objection { throw MethodError(objection) }
    return options
  }

  /// Draws of a controller that has learnt nothing and does not depend on the search's key.
  private static func untrained(
    _ plan: ControllerPlan, in task: OneShotTask
  ) -> (inout KeyedGenerator) -> Architecture {
    let policy = plan.shape.policy(for: task.space, key: RandomKey(seed: 0))
    return { generator in
      var generators = [generator]
      let choices = policy.sample(using: &generators)[0]
      generator = generators[0]
      return Architecture(space: type(of: task.space).name, choices: choices)
    }
  }
}
