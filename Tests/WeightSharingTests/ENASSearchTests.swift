import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import Testing
import WeightSharing

/// What ENAS does step by step, and what its controller learns.
@Suite struct ENASSearchTests {
  private func settings(_ changes: [String: Double] = [:]) -> MethodSettings {
    let small = [
      "batch-size": 16.0, "controller-updates": 2, "samples-per-update": 2,
      "selection-samples": 3,
    ]
    return MethodSettings(
      of: ENAS.settings, replacing: small.merging(changes) { $1 })
  }

  private func controller(
    _ space: any SearchSpace, _ changes: [String: Double]
  ) throws -> ENASController {
    ENASController(ENAS.ControllerPlan(settings(changes)), for: try .stub(space))
  }

  private func keys(_ count: Int, of update: Int) -> [RandomKey] {
    (0..<count).map { RandomKey(seed: 3).child("update", update).child("sample", $0) }
  }

  // 40 images in minibatches of 8 are five weight steps; then twice two samples and an update.
  @Test func weightsAndControllerTakeTurns() throws {
    let reports = try ENAS.search(
      .stub(ENASMicro(), budget: Budget(2, .epochs)), settings: settings(["batch-size": 8])
    ).finish()
    #expect(reports.count == 2 * (5 + 2 * 3) + 3)
    let images = reports.map(\.charge.trainingExamples)
    #expect(Array(images.prefix(11)) == [8, 8, 8, 8, 8, 0, 0, 0, 0, 0, 0])
    #expect(reports.map(\.phase) == (0..<25).map { $0 < 22 ? .search : .selection })
    let epochs = reports.compactMap(\.epoch)
    #expect(reports.indices.filter { reports[$0].epoch != nil } == [10, 21])
    #expect(epochs.map(\.controllerUpdates) == [2, 4])
    for epoch in epochs {
      let error = try #require(epoch.validation)
      // Accuracy and a tenth of the entropy of 40 decisions.
      let reward = try #require(epoch.meanReward)
      let entropy = try #require(epoch.entropy)
      #expect(abs(reward - (1 - error) - 0.1 * 40 * entropy) < 1e-9)
      #expect(entropy > 0.8 && entropy < 1.61)
      #expect(epoch.architecture == nil)
    }
  }

  @Test(arguments: ["enas-micro", "darts-cells"])
  func aWeightStepIsChargedOneChildAndOneDraw(_ name: String) throws {
    let space = try #require(SearchSpaceCatalog.named(name) as? any WeightSharingSearchSpace)
    let task = try OneShotTask.stub(space)
    let settings = settings()
    let report = try ENAS.search(task, settings: settings).step()
    let controller = ENASController(ENAS.ControllerPlan(settings), for: task)
    let child = controller.draw([task.key.child("path", 0)])[0]
    let shared = space.sharedWeights(scale: task.scale, classes: 2)
    let price = shared.charge(child, examples: 16, isTraining: true, clips: false, in: task)
    #expect(report.charge == price + controller.chargeOfDraw)
    // A draw is no free step: it is hundreds of small operations.
    #expect(controller.chargeOfDraw.referenceNanoseconds > 0)
    #expect(
      controller.chargeOfUpdate(samples: 2).flops > 4 * controller.chargeOfDraw.flops)
  }

  // b = 0 - (1 - 0.99) (0 - R), and then compared: what the controller learns from is 0.99 R.
  @Test func baselineIsMovedBeforeItIsComparedWith() throws {
    let controller = try controller(ENASMicro(), ["entropy-weight": 0])
    var baseline = 0.0
    let lesson = controller.update(
      controller.draw(keys(2, of: 0)), accuracies: [0.5, 0.25], baseline: &baseline)
    #expect(lesson.rewards == [0.5, 0.25])
    #expect(abs(baseline - (0.99 * 0.005 + 0.0025)) < 1e-12)
    // With no memory the reward is its own baseline: nothing is learnt.
    let forgetful = try self.controller(
      ENASMicro(), ["entropy-weight": 0, "baseline-decay": 0])
    let before = forgetful.policy.parameters.flatValues.map(Array.init)
    _ = forgetful.update(
      forgetful.draw(keys(2, of: 0)), accuracies: [0.5, 0.25], baseline: &baseline)
    #expect(forgetful.policy.parameters.flatValues.map(Array.init) == before)
  }

  @Test(arguments: [0.0, 1])
  func rewardHasTheEntropyThatIsAskedFor(_ chosen: Double) throws {
    let controller = try controller(
      ENASMicro(), ["entropy-weight": 2, "chosen-entropy": chosen])
    let samples = controller.draw(keys(2, of: 0))
    let scores = controller.policy.score(samples.map(\.choices))
    var baseline = 0.0
    let lesson = controller.update(samples, accuracies: [0.5, 0], baseline: &baseline)
    let entropies = chosen == 1 ? scores.choiceEntropies : scores.entropies
    #expect(lesson.rewards == [0.5 + 2 * entropies[0], 2 * entropies[1]])
    #expect(scores.choiceEntropies[0] < scores.entropies[0])
  }

  /// The share of one operation in what the controller draws, before and after it was rewarded.
  @Test(arguments: [
    ("enas-micro", "sep_conv_5x5"), ("darts-cells", "sep_conv_5x5"),
  ])
  func controllerLearnsWhichOperationIsBest(_ name: String, _ operation: String) throws {
    let space = try #require(SearchSpaceCatalog.named(name))
    let controller = try controller(
      space,
      [
        "controller-learning-rate": 0.01, "entropy-weight": 0, "tanh-constant": 10,
        "temperature": 10, "hidden-units": 24,
      ])
    func share(_ samples: [Architecture]) -> [Double] {
      samples.map { sample in
        let operations = zip(space.decisions, sample.choices).filter {
          $0.0.options.contains(operation)
        }
        return Double(operations.filter { $0.0.options[$0.1] == operation }.count)
          / Double(operations.count)
      }
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let before = mean(share(controller.draw(keys(50, of: 1_000))))
    var baseline = 0.0
    for update in 0..<120 {
      let samples = controller.draw(keys(8, of: update))
      _ = controller.update(samples, accuracies: share(samples), baseline: &baseline)
    }
    let after = mean(share(controller.draw(keys(50, of: 1_000))))
    #expect(after > before + 0.3, "\(before) to \(after)")
  }

  @Test func aCheckpointWithImpossibleCountsIsRefused() throws {
    var search: any Evaluation & Checkpointable = try ENAS.search(
      .stub(ENASMicro()), settings: settings())
    var snapshot = try search.snapshot()
    let text = String(decoding: snapshot.state, as: UTF8.self)
    snapshot.state = Array(text.replacing("\"updates\":0}", with: "\"updates\":-1}").utf8)
    #expect(snapshot.state != Array(text.utf8))
    #expect {
      try search.restore(from: snapshot)
    } throws: {
      "\($0)" == "the checkpoint's search state has counts that do not fit this search"
    }
  }

  // Table d.4 of the sources: what the released scripts set.
  @Test(arguments: [
    ("released-macro", "controller-learning-rate", 0.001), ("released-macro", "temperature", 1),
    ("released-macro", "tanh-constant", 1.5), ("released-macro", "samples-per-update", 20),
    ("released-micro", "controller-learning-rate", 0.0035),
    ("released-micro", "tanh-constant", 1.1), ("released-micro", "batch-size", 160),
    ("released-macro", "dropout", 0.1), ("released-macro", "running-statistics", 1),
    ("released-micro", "dropout", 0.1), ("released-micro", "score-dropout", 1),
    ("released-micro", "auxiliary-weight", 0.4), ("released-micro", "auxiliary-training", 0),
    ("nas-bench-201", "selection-samples", 100), ("nas-bench-201", "hidden-units", 32),
  ])
  func presetsAreTheSources(_ preset: String, _ setting: String, _ value: Double) throws {
    let found = try #require(ENAS.presets.first { $0.name == preset })
    #expect(found.values[setting] == value)
  }
}
