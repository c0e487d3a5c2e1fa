import Evaluators
import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing

/// What a recipe's fields do to a training.
@Suite struct RecipeTests {
  private let key = RandomKey(seed: 4)
  private let space = DARTSCells()

  private static func training(_ change: (inout TrainingProtocol) -> Void) -> TrainingProtocol {
    var training = SyntheticData.training
    training.epochs = 1
    training.scale.channels = 2
    change(&training)
    return training
  }

  private func evaluator(
    _ training: TrainingProtocol, final: TrainingProtocol? = nil
  ) throws -> TrainingEvaluator {
    try SyntheticData.evaluator(
      training, final: final, space: space, data: SyntheticData.dataset(size: 20))
  }

  private func architecture() throws -> Architecture {
    var generator = RandomKey(seed: 3).generator()
    return space.sample(using: &generator)
  }

  /// The head alone, on what DARTS' cells hand it: 4 · 4 · 2 channels of 5x5 pixels.
  private func chargeOfHead(examples: Int) -> Int {
    let parameters = Parameters()
    let head = AuxiliaryHead("auxiliary", channels: 32, size: 5, classes: 2, in: parameters)
    let tape = Tape.dry(isTraining: true)
    let features = tape.empty(Shape(examples, 5, 5, 32), requiresGradient: true)
    _ = tape.softmaxCrossEntropy(head(features, on: tape), labels: [])
    let operations = tape.operations + SGD.operations(parameters, clips: false)
    return operations.reduce(0) { $0 + $1.flops }
  }

  /// Three updates an epoch, of 80 images in batches of 32: 0.9³ and, over two epochs at 0.5, 2⁻⁶.
  @Test(arguments: [(1, 0.1, 0.729), (2, 0.5, 0.015625), (2, 1, 0), (60, 0.1, 0)])
  func aForecastKnowsHowMuchOfTheStatisticsIsLearnt(
    epochs: Int, momentum: Double, part: Double
  ) throws {
    let evaluator = try evaluator(
      Self.training {
        $0.epochs = epochs
        $0.normalizationMomentum = momentum
      })
    let found = try evaluator.forecastTrial(of: architecture()).unlearntStatistics
    #expect(abs(found - part) < 1e-12)
  }

  @Test func theAuxiliaryHeadIsChargedInTrainingAndNotCounted() throws {
    let architecture = try architecture()
    let plain = try evaluator(Self.training { _ in })
    let headed = try evaluator(Self.training { $0.auxiliaryWeight = 0.4 })
    // 80 images in batches of 32.
    let head = 2 * chargeOfHead(examples: 32) + chargeOfHead(examples: 16)
    let difference =
      try headed.forecastTrial(of: architecture).charge.flops
      - plain.forecastTrial(of: architecture).charge.flops
    #expect(difference == Int128(head))

    let measurements = try [plain, headed].map { evaluator in
      try SyntheticData.finish(evaluator.trial(of: architecture, key: key)).last?.outcome?
        .measurement
    }
    #expect(measurements[0]?.parameters == measurements[1]?.parameters)
    #expect(measurements[0]?.flopsPerExample == measurements[1]?.flopsPerExample)
    #expect(measurements[0]?.weightsChecksum != measurements[1]?.weightsChecksum)
  }

  /// Each of these changes what is learnt, and is charged what was forecast.
  @Test(arguments: [
    training { $0.auxiliaryWeight = 0.4 }, training { $0.dropPath = 0.5 },
    training {
      $0.dropPath = 0.5
      $0.dropPathSchedule = .depthAndProgress
    },
    training { $0.dropout = 0.5 },
    training { $0.restarts = .init(firstPeriod: 1, growth: 1) },
    training { $0.normalizationEpsilon = 0.1 }, training { $0.normalizationMomentum = 0.5 },
    training { $0.gradientClip = 0.01 },
  ])
  func everyFieldMatters(training: TrainingProtocol) throws {
    var training = training
    training.epochs = 2
    let architecture = try architecture()
    let (changed, plain) = (
      try evaluator(training), try evaluator(Self.training { $0.epochs = 2 })
    )
    let reports = try SyntheticData.finish(changed.trial(of: architecture, key: key))
    let other = try SyntheticData.finish(plain.trial(of: architecture, key: key))
    let checksum = try #require(reports.last?.outcome?.measurement.weightsChecksum)
    #expect(other.last?.outcome?.measurement.weightsChecksum != checksum)
    #expect(
      try reports.reduce(.zero) { $0 + $1.charge }
        == changed.forecastTrial(of: architecture).charge)
  }

  @Test func finalTrainingFollowsItsOwnRecipeAndScale() throws {
    let architecture = try architecture()
    let search = Self.training { _ in }
    let final = Self.training {
      $0.scale.channels = 4
      $0.batchSize = 40
      $0.dropPath = 0.2
    }
    let (both, alone) = (try evaluator(search, final: final), try evaluator(final))
    let budget = Budget(2, .epochs)
    let trained = try [both, alone].map {
      try SyntheticData.finish($0.finalTraining(of: architecture, budget: budget, key: key))
        .last?.outcome?.measurement
    }
    #expect(trained[0] != nil && trained[0] == trained[1])
    #expect(
      try both.forecastFinalTraining(of: architecture, budget: budget)
        == alone.forecastFinalTraining(of: architecture, budget: budget))
    let searched = try [both, evaluator(search)].map {
      try SyntheticData.finish($0.trial(of: architecture, key: key)).last?.outcome?.measurement
    }
    #expect(searched[0] != nil && searched[0] == searched[1])
    #expect(searched[0]?.parameters != trained[0]?.parameters)
  }

  @Test(arguments: [
    (
      training { $0.auxiliaryWeight = 0.4 },
      "networks of 'nas-bench-201' have no auxiliary head; expected auxiliary-weight: 0 in the "
        + "recipe"
    ),
    (
      training { $0.dropPath = 0.2 },
      "networks of 'nas-bench-201' leave no paths out; expected drop-path: 0 in the recipe"
    ),
  ])
  func whatNetworksCannotDoIsRefused(training: TrainingProtocol, message: String) throws {
    let evaluator = try SyntheticData.evaluator(training)
    let error = #expect(throws: EvaluationError.self) {
      try evaluator.forecastTrial(of: SyntheticData.cell)
    }
    #expect(error?.description == message)
  }

  @Test func imagesTooSmallForTheHeadAreRefused() throws {
    let evaluator = try SyntheticData.evaluator(
      Self.training { $0.auxiliaryWeight = 0.4 }, space: space)
    let architecture = try architecture()
    let error = #expect(throws: EvaluationError.self) {
      try evaluator.trial(of: architecture, key: key)
    }
    #expect(
      error?.description
        == "an auxiliary head reads square images of at least 17 pixels, found 8x8; expected "
        + "auxiliary-weight: 0 in the recipe")
  }
}
