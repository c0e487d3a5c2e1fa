import SearchCore
import Testing

/// Numbers of the papers that the presets have to agree with.
@Suite struct TrainingPresetTests {
  @Test func namesAreSortedAndUnique() {
    let names = TrainingProtocol.presets.map(\.recipe)
    #expect(names == names.sorted())
    #expect(Set(names).count == names.count)
  }

  /// NASNet's code states 937,500 steps of 32 images, which are its 600 epochs of 50,000.
  @Test func nasNetTrainsForItsSteps() {
    let recipe = TrainingProtocol.nasNetEvaluation
    #expect(recipe.epochs * 50_000 / recipe.batchSize == 937_500)
  }

  /// Restarts of 10 epochs that double end where ENAS' trainings do: 10 + 20 + … + 160 = 310, and
  /// + 320 = 630; the 150 epochs of the micro search are 10 + 20 + 40 + 80.
  @Test(arguments: [
    TrainingProtocol.enasEvaluation, .enasMacroEvaluation, .enasMacroSearch, .enasSearch,
  ])
  func enasEndsWithAWholePeriod(recipe: TrainingProtocol) throws {
    let restarts = try #require(recipe.restarts)
    var (end, period) = (0, restarts.firstPeriod)
    while end < recipe.epochs {
      end += period
      period *= restarts.growth
    }
    #expect(end == recipe.epochs)
  }

  /// Their code adds l2 · Σ w² to the loss, whose gradient is 2 · l2 · w.
  @Test(arguments: [
    (TrainingProtocol.enasSearch, 1e-4), (.enasEvaluation, 2e-4), (.enasMacroSearch, 2.5e-4),
    (.enasMacroEvaluation, 2e-4),
  ])
  func enasDecaysByTwiceItsL2(recipe: TrainingProtocol, l2: Double) {
    #expect(recipe.weightDecay == 2 * l2)
    #expect(recipe.gradientClip == nil)
  }

  /// Cells in all: 3 N and two reductions.
  @Test(arguments: [
    (TrainingProtocol.dartsEvaluation, 20), (.dartsSearch, 8), (.enasEvaluation, 17),
    (.enasSearch, 8), (.nasNetEvaluation, 20), (.amoebaNetEvaluation, 20),
  ])
  func networksHaveThePapersCells(recipe: TrainingProtocol, cells: Int) {
    #expect(3 * recipe.scale.cells + 2 == cells)
  }

  /// Zoph & Le, arXiv 1611.01578, section 4.1: the reward is of the best of the last five epochs.
  @Test func theFirstSearchScoresTheLastFiveEpochs() {
    let recipe = TrainingProtocol.nasSearch
    #expect((1...60).filter(recipe.validates) == [46, 47, 48, 49])
  }
}
