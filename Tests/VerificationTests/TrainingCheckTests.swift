import Claims
import SearchCore
import Testing
import Verification

/// Trainings from scratch as claims' checks.
@Suite struct TrainingCheckTests {
  /// A training whose score is known.
  private final class Fake: PreparedTraining {
    let request: TrainingRequest
    let test: Double?
    let isRecorded: Bool
    var trained = 0

    init(_ request: TrainingRequest, test: Double?, isRecorded: Bool = false) {
      (self.request, self.test, self.isRecorded) = (request, test, isRecorded)
    }

    let price = "1.5 GPU-days on a GPU"
    let command = "searchlight train it"
    func seconds() -> Double { isRecorded ? 0 : 60 }

    func measurement() -> Measurement {
      trained += 1
      return Measurement(validation: 0.5, test: test)
    }
  }

  private static func claim(_ level: PublishedResult.Level) -> PublishedResult {
    var claim = PublishedResult(
      id: "some/network", method: nil, space: "", dataset: "cifar10", metric: .testError,
      value: 8.75, spread: nil, runs: nil, measuredUnder: "", source: "somewhere",
      status: .verified)
    (claim.network, claim.level, claim.margin) = ("resnet-20", level, 0.5)
    claim.check = "recipe=resnet on=training-and-validation epochs=3 decay-at=[2]"
    return claim
  }

  private func check(
    _ claim: PublishedResult, runs: Int?, _ scores: [Double?], isRecorded: Bool = false,
    dataset: String = "cifar10"
  ) throws -> (TrainingCheck, [Fake]) {
    var made: [Fake] = []
    let check = try TrainingCheck(
      claim, dataset: dataset, runs: runs, mayTrain: claim.level == .training
    ) { request in
      made.append(Fake(request, test: scores[made.count], isRecorded: isRecorded))
      return made[made.count - 1]
    }
    return (check, made)
  }

  @Test func theClaimSaysWhatIsTrained() throws {
    let (check, made) = try check(Self.claim(.training), runs: 2, [0.08, 0.09])
    #expect(check.seconds == 120)
    var expected = TrainingRequest(
      network: "resnet-20", dataset: "cifar10", recipe: "resnet", seed: 1)
    expected.changes = ["epochs=3", "decay-at=[2]"]
    expected.usesValidation = true
    #expect(made[0].request == expected)
    expected.seed = 2
    #expect(made[1].request == expected)
  }

  /// One run says nothing of its spread, however good it is.
  @Test(arguments: [
    (0.08, "it is 8 against 8.75, no worse than published"),
    (0.2, "it is 20 against 8.75, worse by 11.25"),
  ])
  func oneRunCannotTell(score: Double, words: String) throws {
    let claim = Self.claim(.training)
    let (check, _) = try check(claim, runs: nil, [score], dataset: "cifar10-rebuilt")
    let found = try check.judge(claim, by: VerdictRule())
    #expect(found.verdict == .cannotTell)
    #expect(found.reason.contains(words) && found.reason.hasSuffix("; on cifar10-rebuilt"))
  }

  @Test func severalRunsAreJudged() throws {
    let claim = Self.claim(.training)
    let (good, _) = try check(claim, runs: 3, [0.0871, 0.0872, 0.0873])
    #expect(try good.judge(claim, by: VerdictRule()).verdict == .reproduced)
    let (bad, _) = try check(claim, runs: 3, [0.0971, 0.0972, 0.0973])
    #expect(try bad.judge(claim, by: VerdictRule()).verdict == .notReproduced)
    // One that diverged leaves the others.
    let (fewer, _) = try check(claim, runs: 3, [0.0871, nil, 0.0873])
    #expect(try fewer.judge(claim, by: VerdictRule()).reason.contains("of 2 runs"))
  }

  /// A paper's protocol is priced, and judged only when it was carried out.
  @Test func aPaperIsNotTrainedHere() throws {
    let claim = Self.claim(.paper)
    let (check, made) = try check(claim, runs: 2, [0.08, 0.08])
    #expect(check.seconds == 0)
    #expect(
      throws: CheckFailure("a training takes 1.5 GPU-days on a GPU; type 'searchlight train it'")
    ) { try check.judge(claim, by: VerdictRule()) }
    #expect(made.allSatisfy { $0.trained == 0 })
    let (recorded, _) = try self.check(claim, runs: 2, [0.0870, 0.0871], isRecorded: true)
    #expect(try recorded.judge(claim, by: VerdictRule()).verdict == .reproduced)
  }

  @Test func whatCannotBeTrainedIsSaid() throws {
    var claim = Self.claim(.training)
    claim.network = nil
    #expect(throws: CheckFailure.self) { try check(claim, runs: 1, [0.08]) }
    claim = Self.claim(.training)
    claim.metric = .testTop5Error
    #expect(throws: CheckFailure("no training here measures test-top-5-error")) {
      try check(claim, runs: 1, [0.08])
    }
  }
}
