import NeuralNetworks
import OperationCosts
import SearchCore
import SearchSpaces

/// Differentiable architecture search: α and weights of one supernet, updated in turn.
///
/// Each step moves α on a validation minibatch, then the weights on a training minibatch; at the
/// end the strongest operations are kept. Second order differentiates through one virtual weight
/// step; first order takes the weights as they are. The learning rate of the weights follows a
/// cosine once an epoch, which ends with the budget.
///
/// That is done with several seeds, one search after the other in one run; then every cell that was
/// found is trained from scratch for some epochs and the one with the lowest validation error is
/// kept. The searches share equally what the trainings leave of the budget.
///
/// The search's own validation score is the mixed network's on the augmented minibatches that move α:
/// with first order at the weights as they are, with second order after the virtual step. Scores of
/// the two orders are therefore no comparison between them.
///
/// Source: Liu et al., arXiv 1806.09055, Algorithm 1 and section 3.1. Cells are trained for the
/// selection as the study's trials are, at the study's scale and with its recipe; the GPU-day that
/// it took the authors is what 400 epochs of their network for the final evaluation take.
public enum DARTS: WeightSharingMethod {
  public static let name = "darts"

  public static let settings =
    SeedSelection.settings(
      searches: 4, epochs: 100, source: "arXiv 1806.09055, section 3.1: four seeds, 100 epochs")
    + [
      MethodSetting(
        name: "order", defaultValue: 2, range: 1...2, isInteger: true,
        source: "arXiv 1806.09055, section 2.3: 2 for the unrolled step, 1 for ξ = 0"),
      MethodSetting(
        name: "alpha-learning-rate", defaultValue: 3e-4, range: 1e-9...10,
        source: "arXiv 1806.09055, section 3.1"),
      MethodSetting(
        name: "alpha-weight-decay", defaultValue: 1e-3, range: 0...1,
        source: "arXiv 1806.09055, section 3.1"),
      MethodSetting(
        name: "alpha-deviation", defaultValue: 0, range: 0...1,
        source: "arXiv 1806.09055, section 3.1: zero; the released code has 1e-3"),
      MethodSetting(
        name: "weights-first", defaultValue: 0, range: 0...1, isInteger: true,
        source: "arXiv 1806.09055, Algorithm 1: α first; NAS-Bench-201's first order has 1"),
      MethodSetting(
        name: "clip-alpha", defaultValue: 0, range: 0...1, isInteger: true,
        source: "1 counts α's gradient in the norm to which the weights' is clipped, as "
          + "NAS-Bench-201's code; quark0/darts clips by the weights' own"),
      MethodSetting(
        name: "alpha-beta1", defaultValue: 0.5, range: 0...0.9999,
        source: "arXiv 1806.09055, section 3.1; 0.9 in the released recurrent search"),
      StretchLengths.deviationSetting,
    ] + SharedWeights.Recipe.settings(of: .darts)

  public static let presets = [
    MethodPreset(
      name: "released", values: ["alpha-deviation": 1e-3, "final-learning-rate": 1e-3],
      source: "quark0/darts, cnn/train_search.py"),
    MethodPreset(
      name: "released-rnn",
      values: [
        "alpha-learning-rate": 3e-3, "alpha-deviation": 1e-3, "alpha-beta1": 0.9,
        "batch-size": 256, "learning-rate": 20, "final-learning-rate": 20, "momentum": 0,
        "weight-decay": 5e-7, "gradient-clip": 0.25,
      ],
      source: "quark0/darts, rnn/train_search.py, whose default is first order"),
    nasBench201(order: 1), nasBench201(order: 2),
  ]

  /// Their first order moves the weights before α, their second order α before the weights.
  private static func nasBench201(order: Double) -> MethodPreset {
    MethodPreset(
      name: "nas-bench-201-v\(Int(order))",
      values: [
        "order": order, "searches": 1, "alpha-deviation": 1e-3, "clip-alpha": 1,
        "weights-first": order == 1 ? 1 : 0, "final-learning-rate": 1e-3, "weight-decay": 5e-4,
        "nesterov": 1,
      ],
      source: "arXiv 2001.00326 and D-X-Y/AutoDL-Projects, DARTS-V\(Int(order)).py: 50 epochs")
  }

  public static func search(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> any Evaluation & Checkpointable {
    try SeedSelection.search(task, settings, of: name) { task, share throws(MethodError) in
      let plan = try plan(task, settings)
      let isSecondOrder = settings["order"] == 2
      let rule = BilevelRule(
        plan, price(of: plan, isSecondOrder: isSecondOrder), isSecondOrder: isSecondOrder)
      return RelaxedSearch(plan, rule, share)
    }
  }

  public static func forecast(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> OneShotForecast {
    let plan = try plan(task, settings)
    let price = price(of: plan, isSecondOrder: settings["order"] == 2)
    let relaxation = plan.relaxation
    let epoch = (0..<relaxation.usualBatches).reduce(Charge.zero) { sum, index in
      sum
        + price.step(
          training: relaxation.place(index).examples,
          validation: relaxation.validationExamples(index))
    }
    let peakBytes = price.peakBytes(examples: relaxation.place(0).examples)
    return try SeedSelection.forecast(
      OneShotForecast(epoch: epoch, selection: .zero, peakMemoryBytes: peakBytes), task, settings,
      of: name)
  }

  private static func price(of plan: RelaxedPlan, isSecondOrder: Bool) -> BilevelPrice {
    BilevelPrice(
      plan.relaxation, clips: plan.recipe.clipNorm != nil, isSecondOrder: isSecondOrder,
      clipsTogether: plan.clipsTogether, on: plan.task.device)
  }

  private static func plan(
    _ task: OneShotTask, _ settings: MethodSettings
  ) throws(MethodError) -> RelaxedPlan {
    let recipe = SharedWeights.Recipe(settings)
    return RelaxedPlan(
      task: task, relaxation: try relaxation(task, settings), recipe: recipe,
      schedule: recipe.schedule(settings),
      alphaLearningRate: Float(settings["alpha-learning-rate"]),
      alphaMomentum: Float(settings["alpha-beta1"]),
      alphaWeightDecay: Float(settings["alpha-weight-decay"]),
      movesWeightsFirst: settings["weights-first"] == 1,
      clipsTogether: settings["clip-alpha"] == 1)
  }

  private static func relaxation(
    _ task: OneShotTask, _ settings: MethodSettings
  ) throws(MethodError) -> any Relaxation {
    let recipe = SharedWeights.Recipe(settings)
    let deviation = Float(settings["alpha-deviation"])
    switch task.space {
    case let space as any RelaxableSearchSpace:
      let images = try task.images(for: Self.self)
      let network = space.relaxation(
        scale: task.scale, classes: images.classes, alphaDeviation: deviation,
        options: images.plainOptions)
      return CellRelaxation(
        network, on: images, batchSize: recipe.batchSize, key: task.key)
    case is DARTSRecurrent:
      let texts = try task.texts(
        for: Self.self, [.training: recipe.batchSize, .validation: recipe.batchSize])
      let supernet = DARTSRecurrentModel(
        words: texts.words, training: texts.training, genotype: nil, alphaDeviation: deviation)
      return RecurrentRelaxation(
        supernet, on: texts, batchSize: recipe.batchSize,
        StretchLengths(texts.training, settings), clipsWithin: recipe.clipNorm != nil,
        key: task.key)
    default: throw unsuitable(task.space, expected: WeightSharingCatalog.relaxableSpaces)
    }
  }
}

extension DARTSCells: PricedSpace {
  /// The architecture that costs most to train: separable convolutions of 5x5 everywhere, on the
  /// cells' inputs, which a reduction cell reads before it has halved them.
  package static let dearest: Architecture = {
    let node = CellGenotype.Node(.init(.separable5x5, 0), .init(.separable5x5, 1))
    let cell = joining(Array(repeating: node, count: nodesPerCell))
    return DARTSCells().architecture(of: CellPair(normal: cell, reduction: cell))
  }()

  /// The architecture that needs most memory to train: nodes whose sums are stored since others
  /// read them, and a reduction cell whose inputs are stored normalised since pooling reads them.
  package static let largest: Architecture = {
    func chain(_ poolings: [Int: Int]) -> CellGenotype {
      joining(
        (0..<nodesPerCell).map { node in
          let first: CellGenotype.Input =
            poolings[node].map { .init(.maxPool3x3, $0) } ?? .init(.separable5x5, 0)
          return CellGenotype.Node(first, .init(.separable5x5, node + 1))
        })
    }
    return DARTSCells().architecture(
      of: CellPair(normal: chain([:]), reduction: chain([1: 0, 2: 1])))
  }()

  private static func joining(_ nodes: [CellGenotype.Node]) -> CellGenotype {
    CellGenotype(
      nodes: nodes,
      output: Array(CellGenotype.inputStates..<CellGenotype.inputStates + nodesPerCell))
  }
}

extension NASBench201: PricedSpace {
  /// 3x3 convolutions everywhere.
  package static let dearest = Architecture(
    space: name, choices: edges.map { _ in 3 })

  /// The same: every edge stores as much as any other operation does.
  package static let largest = dearest
}

extension DARTSRecurrent: PricedSpace {
  /// Any: every cell is trained alike, one product and one function a node.
  package static let dearest = Architecture(
    space: name, choices: DARTSRecurrent().decisions.map { _ in 0 })

  package static let largest = dearest
}
