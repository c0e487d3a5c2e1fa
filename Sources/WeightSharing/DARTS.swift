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
    ] + SharedWeights.Recipe.settings(of: .darts)

  public static let presets = [
    MethodPreset(
      name: "released", values: ["alpha-deviation": 1e-3, "final-learning-rate": 1e-3],
      source: "quark0/darts, cnn/train_search.py")
  ]

  public static func search(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> any Evaluation & Checkpointable {
    try SeedSelection.search(task, settings, of: name) { task, share throws(MethodError) in
      DARTSSearch(task, try supernet(task, settings), settings, share)
    }
  }

  public static func forecast(
    _ task: OneShotTask, settings: MethodSettings
  ) throws(MethodError) -> OneShotForecast {
    let supernet = try supernet(task, settings)
    let recipe = SharedWeights.Recipe(settings)
    let price = BilevelPrice(
      supernet, clips: recipe.clipNorm != nil, isSecondOrder: settings["order"] == 2, in: task)
    let batches = task.data.batches(of: .training, size: recipe.batchSize)
    let epoch = (0..<batches).reduce(Charge.zero) { sum, index in
      sum
        + price.step(
          training: task.data.size(of: index, in: .training, batchSize: recipe.batchSize),
          validation: task.data.size(of: index, in: .validation, batchSize: recipe.batchSize))
    }
    let peakBytes = price.peakBytes(
      examples: min(recipe.batchSize, task.data.count(of: .training)))
    return try SeedSelection.forecast(
      OneShotForecast(epoch: epoch, selection: .zero, peakMemoryBytes: peakBytes), task, settings,
      of: name)
  }

  private static func supernet(
    _ task: OneShotTask, _ settings: MethodSettings
  ) throws(MethodError) -> DARTSSupernet {
    guard let space = task.space as? DARTSCells else {
      throw unsuitable(task.space, expected: [DARTSCells.name])
    }
    return space.supernet(
      scale: task.scale, classes: task.data.classes,
      alphaDeviation: Float(settings["alpha-deviation"]), options: task.plainOptions)
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
