import NeuralNetworks
import SearchCore

extension Schedule {
  /// The learning rate of a recipe; what it counts in epochs is in the recipe's own, and is
  /// stretched with them.
  public init(_ recipe: TrainingProtocol) {
    let (first, last) = (recipe.learningRate, recipe.finalLearningRate)
    let schedule: Schedule =
      switch recipe.schedule {
      case .cosine:
        recipe.restarts.map {
          .cosineWithRestarts(
            from: first, to: last, period: $0.firstPeriod, growth: $0.growth,
            epochs: recipe.epochs)
        } ?? .cosine(from: first, to: last)
      case .constant: .constant(first)
      case .stepwise:
        .stepwise(
          from: first, after: recipe.decayAfter, factor: recipe.decayFactor,
          epochs: recipe.epochs)
      case .milestones:
        .milestones(
          from: first, at: recipe.decayAt, factor: recipe.decayFactor, epochs: recipe.epochs)
      case .oneCycle: .oneCycle(peak: first, to: last, rise: recipe.warmUp)
      }
    self = recipe.annealsByEpoch ? .byEpoch(schedule, epochs: recipe.epochs) : schedule
  }
}
