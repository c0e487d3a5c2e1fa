import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// Gradient-based search with a differentiable architecture sampler: α and weights of one network, of
/// which each pass runs one path that is drawn from α.
///
/// Each step moves the weights on a training minibatch along one drawn path, then α on a validation
/// minibatch along another, through the Gumbel softmax of a temperature that falls from epoch to epoch.
/// At the end each edge keeps the operation of largest α, which may be `none`.
///
/// The search's own validation score is that of the drawn paths, on the augmented minibatches that move
/// α, in the last epoch.
///
/// As in the authors' code for NAS-Bench-201, the operations of an edge that were not drawn get the
/// gradient of a number that is added to it; their code for DARTS' cells, which is not here, gives them
/// none. The norm to which the weights' gradient is clipped counts α's gradient too, with what the step
/// of α has left in it. Weights off the path decay and carry their momentum on.
///
/// Source: Dong & Yang, arXiv 1910.04465; settings for NAS-Bench-201 from arXiv 2001.00326 and
/// D-X-Y/AutoDL-Projects, `exps/NAS-Bench-201-algos/GDAS.py` and `GDAS.config`: 250 epochs.
public enum GDAS: WeightSharingMethod {
  public static let name = "gdas"

  private static let code = "D-X-Y/AutoDL-Projects, exps/NAS-Bench-201-algos/GDAS.py"

  public static let settings =
    [
      MethodSetting(
        name: "temperature", defaultValue: 10, range: 1e-3...1_000,
        source: "\(code) and GDAS.sh: τ in the first epoch"),
      MethodSetting(
        name: "final-temperature", defaultValue: 0.1, range: 1e-3...1_000,
        source: "\(code) and GDAS.sh: τ in the last epoch"),
      MethodSetting(
        name: "alpha-learning-rate", defaultValue: 3e-4, range: 1e-9...10, source: code),
      MethodSetting(name: "alpha-weight-decay", defaultValue: 1e-3, range: 0...1, source: code),
      MethodSetting(
        name: "alpha-deviation", defaultValue: 1e-3, range: 0...1,
        source: "D-X-Y/AutoDL-Projects, search_model_gdas.py"),
    ]
    + SeedSelection.settings(
      searches: 1, epochs: 200,
      source: "arXiv 2001.00326 has one search; its cells train 200 epochs")
    + SharedWeights.Recipe.settings(of: .nasBench201)

  public static func search(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> any Evaluation & Checkpointable {
    try search(task, settings: settings, noise: nil)
  }

  /// A search with noise that is known, for comparison with other programs.
  package static func search(
    _ task: OneShotTask, settings: MethodSettings,
    noise: ((_ index: Int, _ part: SplitPart) -> [[Double]])?
  ) throws(MethodError) -> any Evaluation & Checkpointable {
    try SeedSelection.search(task, settings, of: name) { task, share throws(MethodError) in
      let (plan, network, relaxation) = try plan(task, settings)
      let price = price(of: network, relaxation, in: plan)
      let epochs = epoch(of: price, in: plan).epochs(
        within: task.budget, examplesPerEpoch: task.data.count(of: .training))
      let temperature = TemperatureCourse(
        from: settings["temperature"], to: settings["final-temperature"],
        epochs: epochs / settings["searches"])
      let rule = GumbelRule(network, relaxation, price, temperature, noise, for: task)
      return RelaxedSearch(plan, rule, share)
    }
  }

  public static func forecast(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> OneShotForecast {
    let (plan, network, relaxation) = try plan(task, settings)
    return try SeedSelection.forecast(
      epoch(of: price(of: network, relaxation, in: plan), in: plan), task, settings, of: name)
  }

  private static func price(
    of network: NASBench201Supernet, _ relaxation: CellRelaxation, in plan: RelaxedPlan
  ) -> GumbelPrice {
    GumbelPrice(
      network: network, relaxation: relaxation, clips: plan.recipe.clipNorm != nil,
      clipsTogether: plan.clipsTogether, device: plan.task.device)
  }

  /// The mean epoch, of paths that do not depend on the search's key.
  private static func epoch(of price: GumbelPrice, in plan: RelaxedPlan) -> OneShotForecast {
    let (relaxation, space, samples) = (plan.relaxation, plan.task.space, 32)
    var generator = RandomKey(seed: 0).child("path-prices").generator()
    func path() -> [Int] { space.sample(using: &generator).choices }
    // Steps differ in their paths and in the sizes of the two minibatches.
    var sum = Charge.zero
    var peak = 0
    for _ in 0..<samples {
      let (training, validation) = (path(), path())
      var sizes: [[Int]: Charge] = [:]
      for index in 0..<relaxation.usualBatches {
        let examples = [
          relaxation.place(index).examples, relaxation.validationExamples(index),
        ]
        let charge =
          sizes[examples]
          ?? price.step(training: (examples[0], training), validation: (examples[1], validation))
        sizes[examples] = charge
        sum += charge
      }
      peak = max(
        peak, price.peakBytes(examples: relaxation.place(0).examples, path: training))
    }
    return OneShotForecast(
      epoch: sum.divided(by: samples), selection: .zero, peakMemoryBytes: peak)
  }

  private static func plan(
    _ task: OneShotTask, _ settings: MethodSettings
  ) throws(MethodError) -> (
    plan: RelaxedPlan, network: NASBench201Supernet, relaxation: CellRelaxation
  ) {
    guard let space = task.space as? NASBench201 else {
      throw unsuitable(task.space, expected: [NASBench201.name])
    }
    let images = try task.images(for: Self.self)
    let network = space.supernet(
      scale: task.scale, classes: images.classes,
      alphaDeviation: Float(settings["alpha-deviation"]), options: images.plainOptions)
    let recipe = SharedWeights.Recipe(settings)
    let relaxation = CellRelaxation(
      network, on: images, batchSize: recipe.batchSize, key: task.key)
    let plan = RelaxedPlan(
      task: task, relaxation: relaxation, recipe: recipe,
      schedule: recipe.schedule(settings),
      alphaLearningRate: Float(settings["alpha-learning-rate"]), alphaMomentum: 0.5,
      alphaWeightDecay: Float(settings["alpha-weight-decay"]), movesWeightsFirst: true,
      clipsTogether: true)
    return (plan, network, relaxation)
  }
}
