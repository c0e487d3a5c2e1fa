import Foundation
import NeuralNetworks
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Testing
import WeightSharing

/// How searches read texts: stretches, and the hidden state that is carried between them.
@Suite struct TextSearchTests {
  // MARK: Stretches

  /// Three sequences by hand, of which each predicts seven words.
  @Test func sequencesLieSideBySide() {
    let stream = TextStream(
      (0..<23).map { Int32($0) }, batch: 3, .init(steps: 4), key: RandomKey(seed: 1))
    #expect(stream.columns.length == 7)
    let text = stream.columns.batch(from: 4, steps: 2)
    #expect(text.tokens == [4, 11, 18, 5, 12, 19])
    #expect(text.targets == [5, 12, 19, 6, 13, 20])
    let stretches = (0..<4).map { stream.stretch($0) }
    #expect(stretches.map { $0.start } == [0, 4, 0, 4])
    #expect(stretches.map { $0.steps } == [4, 3, 4, 3])
    #expect(stretches.map { $0.epoch } == [0, 0, 1, 1])
    #expect(stretches.map { $0.isFirst } == [true, false, true, false])
    #expect(stretches.map { $0.isLast } == [false, true, false, true])
    #expect(stream.usualCount == 2)
    #expect(stream.place(3).examples == 9)
  }

  private func lengths(_ lengths: StretchLengths, seed: UInt64 = 1) -> [TextStream.Stretch] {
    let stream = TextStream(
      Array(repeating: 0, count: 200_000), batch: 1, lengths, key: RandomKey(seed: seed))
    return (0..<8_000).map { stream.stretch($0) }
  }

  @Test func shortStretchesComeAsOftenAsTheyShould() {
    let all = lengths(.init(steps: 35, shortShare: 0.05)).filter { !$0.isLast }.map { $0.steps }
    #expect(Set(all) == [17, 35])
    let share = Double(all.count { $0 == 17 }) / Double(all.count)
    // Four standard deviations.
    #expect(abs(share - 0.05) < 4 * (0.05 * 0.95 / Double(all.count)).squareRoot())
  }

  @Test func varyingLengthsAreNormal() {
    let varied = lengths(.init(steps: 35, deviation: 5))
    let all = varied.filter { !$0.isLast }.map { Double($0.steps) }
    let mean = all.reduce(0, +) / Double(all.count)
    let variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count)
    // Whole numbers below what was drawn: half a step less on average.
    #expect(abs(mean - 34.5) < 0.25)
    #expect(abs(variance.squareRoot() - 5) < 0.2)
    #expect(all.allSatisfy { (5...55).contains($0) })
    // Stretches follow each other without a gap, epochs begin at the beginning.
    for (one, next) in zip(varied, varied.dropFirst()) {
      #expect(next.start == (one.isLast ? 0 : one.start + one.steps))
      #expect(next.epoch == one.epoch + (one.isLast ? 1 : 0))
    }
    #expect(varied.prefix(100).map { $0.steps } != varied.suffix(100).map { $0.steps })
    #expect(lengths(.init(steps: 35, deviation: 5)) == varied)
    #expect(lengths(.init(steps: 35, deviation: 5), seed: 2) != varied)
  }

  @Test func aPlaceIsTheSameWhateverWasAskedBefore() {
    let key = RandomKey(seed: 4)
    func stream() -> TextStream {
      TextStream(
        Array(repeating: 0, count: 900), batch: 2, .init(steps: 20, shortShare: 0.3), key: key)
    }
    let (forwards, jumping) = (stream(), stream())
    let all = (0..<200).map { forwards.stretch($0) }
    for index in [150, 3, 199, 40, 0] { #expect(jumping.stretch(index) == all[index]) }
  }

  // MARK: The hidden state

  /// Weights that hardly move: their first values.
  private func settings(
    of method: any WeightSharingMethod.Type, _ changes: [String: Double]
  ) -> MethodSettings {
    let small = ["batch-size": 4, "learning-rate": 1e-9, "final-learning-rate": 1e-9]
    return MethodSettings(of: method.settings, replacing: small.merging(changes) { $1 })
  }

  /// Mean loss of a text, read in one stretch from a state of zeros.
  private func wholeLoss(
    _ model: any LanguageModel, _ part: SplitPart, batch: Int, _ context: ComputeContext
  ) -> Double {
    let stream = TextStream(
      StubText().tokens(of: part), batch: batch, .init(steps: 1), key: RandomKey(seed: 1))
    let tape = Tape(context, isTraining: false, usesBatchStatistics: true)
    return model.score(
      stream.columns.batch(from: 0, steps: stream.columns.length),
      from: model.initialState(batch: batch, on: tape), on: tape, during: nil
    ).score.loss
  }

  /// The chosen path's perplexity is that of the whole validation text in one stretch, though it was
  /// read in two; and paths are trained from one state of zeros an epoch.
  @Test(arguments: ["darts-recurrent", "enas-recurrent"], [4, 12])
  func randomPathsCarryTheirState(name: String, batch: Int) throws {
    let space = try #require(
      SearchSpaceCatalog.named(name) as? any WeightSharingLanguageSpace)
    let task = try OneShotTask.stub(
      space, budget: Budget(41.0 / 44, .epochs), data: StubText(training: .still))
    let reports = try RandomSearchWithWeightSharing.search(
      task,
      settings: settings(
        of: RandomSearchWithWeightSharing.self,
        [
          "candidates": 4, "candidate-batches": 2, "finalists": 1,
          "score-batch-size": Double(batch),
        ])
    ).finish()
    let shared = space.sharedWeights(words: 7, training: .still)
    shared.parameters.allocate(in: task.context, key: task.key.child("weights"))
    let chosen = try #require(reports.last?.chosen)
    let found = try #require(reports.last?.outcome?.measurement.validation)
    let loss = wholeLoss(shared.child(of: chosen), .validation, batch: batch, task.context)
    #expect(abs(log(found) - loss) < 1e-5)
  }

  @Test(arguments: [1.0, 2])
  func theRelaxationCarriesItsStates(order: Double) throws {
    let task = try OneShotTask.stub(
      DARTSRecurrent(), budget: Budget(3 * 41.0 / 44, .epochs), data: StubText(training: .still))
    let reports = try DARTS.search(
      task,
      settings: settings(
        of: DARTS.self, ["searches": 1, "order": order, "alpha-learning-rate": 1e-9])
    ).finish()
    let supernet = DARTSRecurrentModel(
      words: 7, training: .still, genotype: nil, alphaDeviation: 0)
    supernet.parameters.allocate(in: task.context, key: task.key.child("weights"))
    supernet.alphas.allocate(in: task.context, key: task.key.child("alpha"))
    let training = wholeLoss(supernet, .training, batch: 4, task.context)
    // In every epoch: where one begins, the state is zero again.
    let epochs = reports.compactMap { $0.epoch }
    #expect(epochs.count == 3)
    for epoch in epochs { #expect(abs(epoch.trainingLoss - training) < 1e-5) }
    // The validation text of eight words is read beside the ten steps from places 0 and 5.
    let validation = wholeLoss(supernet, .validation, batch: 4, task.context)
    #expect(abs(log(try #require(epochs[0].validation)) - validation) < 1e-5)
  }

  // MARK: Rewards

  /// 80 / perplexity, averaged over samples: by Jensen at least 80 over their mean perplexity, and
  /// near it, since untrained paths are much alike.
  @Test func enasIsRewardedWithTheInverseOfThePerplexity() throws {
    let reports = try ENAS.search(
      .stub(
        ENASRecurrent(), budget: Budget(41.0 / 44, .epochs), data: StubText(training: .still)),
      settings: settings(
        of: ENAS.self,
        [
          "controller-updates": 2, "samples-per-update": 2, "selection-samples": 3,
          "entropy-weight": 0,
        ])
    ).finish()
    let epoch = try #require(reports.compactMap { $0.epoch }.first)
    let (reward, perplexity) = (try #require(epoch.meanReward), try #require(epoch.validation))
    #expect(abs(reward * perplexity / 80 - 1) < 0.05)
  }

  // MARK: The choice

  /// By hand: node 1 has one edge; of node 2 the second edge has the largest weight beside `none`.
  @Test func theStrongestFunctionOfANodeIsChosen() {
    var rows = (0..<36).map { _ in [0.96, 0.01, 0.01, 0.01, 0.01] }
    rows[0] = [0.1, 0.2, 0.3, 0.3, 0.1]
    rows[1] = [0.6, 0.1, 0.1, 0.1, 0.1]
    rows[2] = [0.7, 0, 0.05, 0, 0.25]
    // The last node's edges are rows 28 to 35: equal ones, so the first; but one larger.
    rows[33] = [0.01, 0.01, 0.01, 0.96, 0.01]
    let chosen = DARTSRecurrent.discretized(rows)
    #expect(
      DARTSRecurrent().text(of: chosen)
        == "relu(0) identity(1) tanh(0) tanh(0) tanh(0) tanh(0) tanh(0) sigmoid(5)")
    #expect(DARTSRecurrent.edgeNames[33] == "5-8")
    #expect(DARTSRecurrent.candidates == ["none", "tanh", "relu", "sigmoid", "identity"])
  }
}
