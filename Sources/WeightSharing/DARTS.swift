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
/// Source: Liu et al., arXiv 1806.09055, Algorithm 1 and section 3.1. The authors search with four
/// seeds and keep the cell that is best after 100 epochs; here each seed is a run of its own.
public enum DARTS: WeightSharingMethod {
  public static let name = "darts"

  public static let settings =
    [
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
    DARTSSearch(task, try supernet(task, settings), settings)
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
    return OneShotForecast(
      epoch: epoch, selection: .zero,
      peakMemoryBytes: price.peakBytes(
        examples: min(recipe.batchSize, task.data.count(of: .training))))
  }

  private static func supernet(
    _ task: OneShotTask, _ settings: MethodSettings
  ) throws(MethodError) -> DARTSSupernet {
    guard let space = task.space as? DARTSCells else {
      throw unsuitable(task.space, expected: [DARTSCells.name])
    }
    return space.supernet(
      scale: task.scale, classes: task.data.classes,
      alphaDeviation: Float(settings["alpha-deviation"]))
  }
}
