import NeuralNetworks
import SearchCore
import Testing
import Training

/// Learning rates of the recipes that move them once an epoch, as their authors' schedulers do.
@Suite struct RecipeScheduleTests {
  /// `CosineAnnealingLR.get_lr` of D-X-Y/AutoDL-Projects reads the epoch alone: all updates of epoch e
  /// of E have 0.1 (1 + cos(π e / E)) / 2, those of the last of 12 epochs 0.00170371.
  @Test(arguments: [
    (TrainingProtocol.nasBench201Short, 0.00170371), (.nasBench201Full, 6.16838e-06),
    (.dartsEvaluation, 1.71346e-07), (.dartsSearch, 0.00102368),
  ])
  func theLastEpochHasOneRate(recipe: TrainingProtocol, expected: Double) {
    let schedule = Schedule(recipe)
    let last = Double(recipe.epochs - 1) / Double(recipe.epochs)
    for part in [0, 0.5, 0.999] {
      let rate = schedule.learningRate(at: last + part / Double(recipe.epochs))
      #expect(abs(rate / expected - 1) < 1e-5, "\(recipe.recipe)")
    }
    #expect(schedule.learningRate(at: 0) == recipe.learningRate)
    #expect(schedule.learningRate(at: 0.999 / Double(recipe.epochs)) == recipe.learningRate)
  }
}
