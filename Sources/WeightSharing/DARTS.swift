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
  ]

  public static func search(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> any Evaluation & Checkpointable {
    try SeedSelection.search(task, settings, of: name) { task, share throws(MethodError) in
      DARTSSearch(task, try relaxation(task, settings), settings, share)
    }
  }

  public static func forecast(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> OneShotForecast {
    let relaxation = try relaxation(task, settings)
    let clips = SharedWeights.Recipe(settings).clipNorm != nil
    let price = BilevelPrice(
      relaxation, clips: clips, isSecondOrder: settings["order"] == 2, on: task.device)
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

  private static func relaxation(
    _ task: OneShotTask, _ settings: MethodSettings
  ) throws(MethodError) -> any Relaxation {
    let recipe = SharedWeights.Recipe(settings)
    let deviation = Float(settings["alpha-deviation"])
    switch task.space {
    case let space as DARTSCells:
      let images = try task.images(for: Self.self)
      let supernet = space.supernet(
        scale: task.scale, classes: images.classes, alphaDeviation: deviation,
        options: images.plainOptions)
      return CellRelaxation(
        supernet, on: images, batchSize: recipe.batchSize, key: task.key)
    case is DARTSRecurrent:
      let texts = try task.texts(
        for: Self.self, [.training: recipe.batchSize, .validation: recipe.batchSize])
      let supernet = DARTSRecurrentModel(
        words: texts.words, training: texts.training, genotype: nil, alphaDeviation: deviation)
      return RecurrentRelaxation(
        supernet, on: texts, batchSize: recipe.batchSize,
        StretchLengths(texts.training, settings), clipsWithin: recipe.clipNorm != nil,
        key: task.key)
    default: throw unsuitable(task.space, expected: [DARTSCells.name, DARTSRecurrent.name])
    }
  }
}

extension DARTSCells {
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
