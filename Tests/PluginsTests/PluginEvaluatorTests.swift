import Datasets
import Foundation
import OperationCosts
import Plugins
import Randomness
import SearchCore
import SearchSpaces
import Testing

/// A program that scores architectures: what it is given, what is taken from it, and what is not.
@Suite struct PluginEvaluatorTests {
  private static let introduction = ShellPlugin.answer(ShellPlugin.introduction)
  private static let architecture = Architecture(
    space: NASBench201.name, choices: [1, 0, 2, 0, 1, 3])

  /// Four images to train on and two to validate on, of classes 1 and 0; three to test.
  private static func images() throws -> EvaluatedImages {
    func labeled(_ labels: [UInt8]) -> LabeledImages {
      LabeledImages(
        height: 1, width: 2, channels: 1, classCount: 3,
        pixels: labels.flatMap { [$0, 9] }, labels: labels)
    }
    let data = ImageDataset(
      name: "tiny", version: "1", classes: ["a", "b", "c"],
      training: labeled([0, 1, 2, 0, 1, 2]), validationCount: 2, testCount: 3, checksums: [],
      readTest: { labeled([2, 2, 1]) })
    return EvaluatedImages(
      data,
      split: try JSONDecoder().decode(
        DataSplit.self, from: Data(#"{"training":[0,2,3,5],"validation":[1,3]}"#.utf8)))
  }

  private static func evaluator(
    _ script: String, deadlineSeconds: Double = 10, isAllowed: @escaping () throws -> Void = {}
  ) throws -> PluginEvaluator {
    let command = ShellPlugin.command(script, deadlineSeconds: deadlineSeconds)
    return PluginEvaluator(
      command, name: "shell", arguments: command.arguments, space: NASBench201(),
      images: try images(), training: .nasBench201Short, finalTraining: .nasBench201Full,
      isAllowed: isAllowed)
  }

  /// Steps until something is reported.
  private static func end(_ evaluation: any Evaluation) throws -> StepReport {
    while true {
      let report = try evaluation.step()
      guard report.outcome == nil else { return report }
      #expect(report.charge == .zero)
    }
  }

  private static func trial(_ script: String) throws -> StepReport {
    try end(
      evaluator(script).trial(of: architecture, epochs: nil, key: RandomKey(seed: 1)))
  }

  /// A final training that is wrong about two of three test images.
  private static func finalTraining(budget: Budget?) throws -> StepReport {
    try end(
      evaluator(
        introduction
          + result(#"{"status":"ok","seconds":1,"validation":[1,0],"test":[2,0,0]}"#)
      ).finalTraining(of: architecture, budget: budget, key: RandomKey(seed: 1)))
  }

  private static func result(_ text: String, id: Int = 1) -> String {
    ShellPlugin.answer(#"{"jsonrpc":"2.0","id":\#(id),"result":\#(text)}"#)
  }

  @Test func classesAreCountedAgainstTheLabels() throws {
    let report = try Self.trial(
      Self.introduction
        + Self.result(#"{"status":"ok","seconds":2.5,"validation":[1,2],"parameters":7}"#))
    #expect(report.outcome?.status == .completed)
    #expect(
      report.outcome?.measurement == Measurement(validation: 0.5, parameters: 7, epochs: 12))
    #expect(report.charge.referenceNanoseconds == 2_500_000_000)
    #expect(report.charge.trainingExamples == 12 * 4)
    #expect(report.testSplitRead == nil)
  }

  @Test func aFinalTrainingIsTestedByTheClassesItGives() throws {
    let report = try Self.finalTraining(budget: nil)
    #expect(report.outcome?.measurement.validation == 0)
    #expect(report.outcome?.measurement.test == 2.0 / 3)
    #expect(report.outcome?.measurement.epochs == 200)
    #expect(report.charge.trainingExamples == 200 * 4)
    #expect(report.testSplitRead != nil)
  }

  @Test func aBudgetInEpochsIsHowLongAFinalTrainingLasts() throws {
    let report = try Self.finalTraining(budget: Budget(3, .epochs))
    #expect(report.outcome?.measurement.epochs == 3)
  }

  /// It copies what it was asked, and every file that it can see, to a place outside.
  @Test func noLabelOfTheTestSplitIsInItsReach() throws {
    let place = FileManager.default.temporaryDirectory.appending(path: "seen-\(UUID())")
    defer { try? FileManager.default.removeItem(at: place) }
    let evaluator = try Self.evaluator(
      "mkdir '\(place.path)'; read -r a; echo '\(ShellPlugin.introduction)'; read -r b; "
        + "echo \"$a\" > '\(place.path)/a'; echo \"$b\" > '\(place.path)/b'; "
        + "cp *.npy '\(place.path)'; echo '"
        + #"{"jsonrpc":"2.0","id":1,"result":{"status":"ok","seconds":1,"#
        + #""validation":[1,0],"test":[2,2,1]}}'"#)
    _ = try Self.end(
      evaluator.finalTraining(of: Self.architecture, budget: nil, key: RandomKey(seed: 1)))
    let files = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
    #expect(
      files == [
        "a", "b", "test-images.npy", "training-images.npy", "training-labels.npy",
        "validation-images.npy", "validation-labels.npy",
      ])
    func bytes(_ name: String) throws -> [UInt8] {
      Array(try Data(contentsOf: place.appending(path: name)).dropFirst(128))
    }
    #expect(try bytes("training-labels.npy") == [0, 2, 0, 2])
    #expect(try bytes("training-images.npy") == [0, 9, 2, 9, 0, 9, 2, 9])
    #expect(try bytes("test-images.npy") == [2, 9, 2, 9, 1, 9])
    let begin = try Self.object(Data(contentsOf: place.appending(path: "a")))
    #expect(begin["role"] as? String == "evaluator")
    let recipe = try #require(begin["training"] as? [String: Any])
    #expect(recipe["epochs"] as? Int == 12 && recipe["gradient-clip"] is NSNull)
    #expect((begin["final"] as? [String: Any])?["epochs"] as? Int == 200)
    let asked = try Self.object(Data(contentsOf: place.appending(path: "b")))
    #expect(asked["choices"] as? [Int] == Self.architecture.choices)
    #expect(asked["architecture"] as? String == NASBench201().text(of: Self.architecture))
    let test = try #require(asked["test"] as? [String: Any])
    #expect(test["count"] as? Int == 3 && test["labels"] == nil)
  }

  private static func object(_ line: Data) throws -> [String: Any] {
    let request = try JSONSerialization.jsonObject(with: line) as? [String: Any]
    return try #require(request?["params"] as? [String: Any])
  }

  @Test(arguments: [
    ("diverged", RunStatus.diverged), ("out-of-memory", .outOfMemory), ("failed", .failed),
  ])
  func otherEndsAreChargedAndHaveNoScore(word: String, status: RunStatus) throws {
    let report = try Self.trial(
      Self.introduction + Self.result(#"{"status":"\#(word)","seconds":3}"#))
    #expect(report.outcome == .init(status: status, measurement: Measurement()))
    #expect(report.charge.referenceNanoseconds == 3_000_000_000)
  }

  @Test(arguments: [
    (#"{"status":"ok","seconds":1}"#, "found no 'validation'; expected a class for each image"),
    (
      #"{"status":"ok","seconds":1,"validation":[1]}"#,
      "found 1 validation classes; expected one for each of 2 images"
    ),
    (#"{"status":"fine","seconds":1,"validation":[1,0]}"#, "found status 'fine'; expected one of"),
    (#"{"status":"ok","seconds":-1,"validation":[1,0]}"#, "found -1.0 seconds; expected 0 to 1e9"),
    (#"{"status":"ok","seconds":1e10,"validation":[1,0]}"#, "expected 0 to 1e9"),
    (#"{"status":"ok","validation":[1,0]}"#, "expected a JSON-RPC answer"),
    (#"{"status":"ok","seconds":1,"validation":0.5}"#, "expected a JSON-RPC answer"),
    (#"{"status":"ok","seconds":1,"validation":[0.5,1]}"#, "expected a JSON-RPC answer"),
  ])
  func whatIsNoScoreIsRefused(result: String, said: String) throws {
    #expect {
      try Self.trial(Self.introduction + Self.result(result))
    } throws: {
      "\($0)".contains(said) && !"\($0)".contains("\n")
    }
  }

  @Test func aClassThatIsNoneIsWrong() throws {
    let report = try Self.trial(
      Self.introduction + Self.result(#"{"status":"ok","seconds":1,"validation":[-1,99]}"#))
    #expect(report.outcome?.measurement.validation == 1)
  }

  @Test func aProgramThatHangsIsGivenUp() throws {
    #expect {
      try Self.end(
        Self.evaluator(Self.introduction + "sleep 30", deadlineSeconds: 1)
          .trial(of: Self.architecture, epochs: nil, key: RandomKey(seed: 1)))
    } throws: {
      "\($0)".contains("evaluate: no answer within 1 s")
    }
  }

  /// A stop is heard between steps, also while a program is slow to begin.
  @Test func aProgramThatIsSlowToBeginIsWaitedForInSteps() throws {
    let trial = try Self.evaluator("sleep 1\n" + Self.introduction + "sleep 30")
      .trial(of: Self.architecture, epochs: nil, key: RandomKey(seed: 1))
    let start = ContinuousClock.now
    #expect(try trial.step().outcome == nil)
    #expect(start.duration(to: .now) < .milliseconds(900))
  }

  @Test func aTrainingThatNobodyWaitsForGivesWayToTheNext() throws {
    var started = 0
    let place = FileManager.default.temporaryDirectory.appending(path: "mark-\(UUID())")
    defer { try? FileManager.default.removeItem(at: place) }
    // Works for ever the first time.
    let evaluator = try Self.evaluator(
      Self.introduction + "[ -e '\(place.path)' ] || { touch '\(place.path)'; sleep 60; }\n"
        + Self.result(#"{"status":"ok","seconds":1,"validation":[1,0]}"#)
    ) { started += 1 }
    let key = RandomKey(seed: 1)
    let first = evaluator.trial(of: Self.architecture, epochs: nil, key: key)
    while !FileManager.default.fileExists(atPath: place.path) {
      #expect(try first.step().outcome == nil)
    }
    // It is asked for the training now, if it was not before.
    for _ in 0..<2 { #expect(try first.step().outcome == nil) }
    let report = try Self.end(evaluator.trial(of: Self.architecture, epochs: 3, key: key))
    #expect(report.outcome?.measurement.validation == 0)
    #expect(report.outcome?.measurement.epochs == 3)
    #expect(started == 2)
  }

  @Test func nothingIsStartedBeforeATraining() throws {
    struct Refused: Error {}
    let evaluator = try Self.evaluator("exit 1") { throw Refused() }
    #expect(evaluator.forecastTrial(of: Self.architecture, epochs: nil).charge == .zero)
    #expect(evaluator.measureSecondsPerReferenceSecond() == nil)
    let trial = evaluator.trial(of: Self.architecture, epochs: nil, key: RandomKey(seed: 1))
    #expect(throws: Refused.self) { try trial.step() }
  }
}
