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
    var baseline = controller.freshBaseline
    let lesson = controller.update(
      controller.draw(keys(2, of: 0)), accuracies: [0.5, 0.25], baseline: &baseline)
    #expect(lesson.rewards == [0.5, 0.25])
    #expect(abs(try #require(baseline.value) - (0.99 * 0.005 + 0.0025)) < 1e-12)
    #expect(abs(lesson.advantages[0] - 0.495) < 1e-12)
    #expect(abs(lesson.advantages[1] - (0.25 - 0.99 * 0.005 - 0.0025)) < 1e-12)
    // With no memory the reward is its own baseline: nothing is learnt.
    let forgetful = try self.controller(
      ENASMicro(), ["entropy-weight": 0, "baseline-decay": 0])
    baseline = forgetful.freshBaseline
    let before = forgetful.policy.parameters.flatValues.map(Array.init)
    _ = forgetful.update(
      forgetful.draw(keys(2, of: 0)), accuracies: [0.5, 0.25], baseline: &baseline)
    #expect(forgetful.policy.parameters.flatValues.map(Array.init) == before)
  }

  /// NAS-Bench-201's ENAS (D-X-Y/AutoDL-Projects, exps/NAS-Bench-201-algos/ENAS.py): in the first
  /// epoch each reward is compared with its own accuracy; in each later one with
  /// b - (1 - 0.99) (b - R), where b is what the last reward of the epoch before was compared with.
  @Test func baselineOfNASBench201MovesOnceAnEpoch() throws {
    let preset = try #require(ENAS.presets.first { $0.name == "nas-bench-201" })
    let controller = ENASController(
      ENAS.ControllerPlan(settings(preset.values)), for: try .stub(ENASMicro()))
    var baseline = controller.freshBaseline
    func update(_ accuracies: [Double]) -> ENASController.Lesson {
      controller.update(
        controller.draw(keys(2, of: 0)), accuracies: accuracies, baseline: &baseline)
    }
    let first = update([0.5, 0.25])
    for (reward, (advantage, accuracy)) in zip(
      first.rewards, zip(first.advantages, [0.5, 0.25]))
    {
      #expect(abs(advantage - (reward - accuracy)) < 1e-12)
    }
    baseline.endEpoch()
    let second = update([0.75, 0.5])
    #expect(abs(second.advantages[0] - 0.99 * (second.rewards[0] - 0.25)) < 1e-12)
    #expect(abs(second.advantages[1] - 0.99 * (second.rewards[1] - 0.25)) < 1e-12)
    baseline.endEpoch()
    let third = update([1, 0])
    let kept = 0.99 * 0.25 + 0.01 * second.rewards[1]
    #expect(abs(third.advantages[0] - 0.99 * (third.rewards[0] - kept)) < 1e-12)
  }

  /// ε of Adam in the convention of each code: with β₁ = 0 the first step of a parameter with
  /// gradient g is rate · g / (|g| + ε) by Algorithm 1, and by TensorFlow's
  /// rate · √(1 - β₂) · g / (√(1 - β₂) · |g| + ε).
  @Test(arguments: ["released-macro", "released-micro", "nas-bench-201", nil])
  func firstStepOfTheControllerIsTheCodes(_ preset: String?) throws {
    let values = ENAS.presets.first { $0.name == preset }?.values ?? [:]
    var changes = values.merging(["entropy-weight": 0, "controller-gradient-clip": 0]) { $1 }
    changes["samples-per-update"] = 2
    let controller = ENASController(
      ENAS.ControllerPlan(settings(changes)), for: try .stub(ENASMicro()))
    let samples = controller.draw(keys(2, of: 0))
    let parameters = controller.policy.parameters
    let before = try #require(parameters.flatValues.map(Array.init))
    var baseline = controller.freshBaseline
    // What is compared with an average that forgets nothing but the first reward.
    _ = controller.update(samples, accuracies: [0.1, 0.05], baseline: &baseline)
    let gradient = try #require(parameters.flatGradients.map(Array.init))
    let after = try #require(parameters.flatValues.map(Array.init))
    let rate = changes["controller-learning-rate"] ?? 0.00035
    let root = preset == "nas-bench-201" ? 1 : (1 - 0.999).squareRoot()
    for index in before.indices {
      let slope = Double(gradient[index])
      let step = rate * root * slope / (root * abs(slope) + 1e-3)
      let rounding = 1.2e-7 * Double(abs(before[index]))
      #expect(abs(Double(before[index] - after[index]) - step) <= rounding + 1e-3 * abs(step))
    }
  }

  /// As `torch.nn.utils.clip_grad_norm_` clips: all gradients together, with 1e-6 on the norm.
  @Test func theControllersGradientIsClipped() throws {
    func gradient(_ clip: Double) throws -> [Float] {
      let controller = try controller(
        ENASMicro(), ["entropy-weight": 0, "controller-gradient-clip": clip])
      var baseline = controller.freshBaseline
      _ = controller.update(
        controller.draw(keys(2, of: 0)), accuracies: [0.9, 0.1], baseline: &baseline)
      return Array(try #require(controller.policy.parameters.flatGradients))
    }
    func norm(_ values: [Float]) -> Double {
      values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    let free = try gradient(0)
    let clipped = try gradient(norm(free) / 4)
    #expect(abs(norm(clipped) / norm(free) - 0.25) < 1e-4)
    #expect(try gradient(norm(free) * 2) == free)
  }

  @Test(arguments: [0.0, 1])
  func rewardHasTheEntropyThatIsAskedFor(_ chosen: Double) throws {
    let controller = try controller(
      ENASMicro(), ["entropy-weight": 2, "chosen-entropy": chosen])
    let samples = controller.draw(keys(2, of: 0))
    let scores = controller.policy.score(samples.map(\.choices))
    var baseline = controller.freshBaseline
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
        "controller-learning-rate": 0.04, "entropy-weight": 0, "tanh-constant": 10,
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
    var baseline = controller.freshBaseline
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

  /// Rewards and the choice read plain images in the released code (`shuffle=False` of
  /// `build_valid_rl`), and augmented ones in NAS-Bench-201's; the macro space's with running
  /// statistics.
  @Test(
    arguments: [
      (nil, false, true), ("released-macro", false, false), ("released-micro", false, true),
      ("nas-bench-201", true, true),
    ] as [(String?, Bool, Bool)])
  func rewardsReadTheImagesOfTheCode(
    preset: String?, isAugmented: Bool, usesBatchStatistics: Bool
  ) throws {
    let values = ENAS.presets.first { $0.name == preset }?.values ?? [:]
    let small = [
      "batch-size": 16.0, "controller-updates": 2, "samples-per-update": 2, "selection-samples": 3,
      "auxiliary-weight": 0,
    ]
    let images = StubImages()
    _ = try ENAS.search(
      .stub(ENASMicro(), budget: Budget(1, .epochs), data: images),
      settings: MethodSettings(of: ENAS.settings, replacing: values.merging(small) { $1 })
    ).finish()
    #expect(
      images.requests.filter { $0.part == .validation }
        == (0..<7).map {
          .init(
            part: .validation, index: $0, isAugmented: isAugmented,
            usesBatchStatistics: usesBatchStatistics)
        })
    #expect(images.requests.allSatisfy { $0.part == .validation || $0.isAugmented })
  }
}
