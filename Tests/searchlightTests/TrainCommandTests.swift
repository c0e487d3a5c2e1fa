import Foundation
import Testing

/// `searchlight train` as it is typed, on the embedded data.
@Suite(.enabled(if: ProgramRun.isThere)) struct TrainCommandTests {
  private static let images = [
    "train", "resnet-8", "--dataset", "shapes10", "--recipe", "budgeted", "--set", "epochs=2",
    "--set", "training-images=320", "--set", "validation-images=80", "--name", "small-net",
  ]
  private static let words = [
    "train", "lstm", "--dataset", "grammar", "--recipe", "zaremba-small", "--set", "epochs=3",
    "--set", "hidden=16", "--set", "training-words=8000", "--set", "validation-words=4000",
    "--set", "decay-after=2", "--name", "small-net",
  ]

  private func file(_ name: String, of project: ProgramRun) throws -> String {
    try String(
      contentsOf: project.home.appending(path: "reports/trained/small-net/\(name)"), encoding: .utf8
    )
  }

  /// What was kept are the weights that were scored: another command counts the same mistakes.
  @Test func theWeightsHaveTheScoreThatWasTold() throws {
    let project = try ProgramRun(suite: .table)
    let end = try project(Self.images)
    #expect(end.code == 0, "\(end.errors)")
    let weights = project.home.appending(
      path: "reports/trained/small-net/runs/shapes10/given/0/weights.safetensors")
    let found = try project([
      "evaluate", weights.path, "--network", "resnet-8", "--dataset", "shapes10", "--json",
    ])
    #expect(found.code == 0, "\(found.errors)")
    let sheet =
      try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [String: Any]
    let wrong = try #require(sheet?["wrong"] as? Int)
    let images = try #require(sheet?["images"] as? Int)
    let again = try project(Self.images + ["--json"])
    let run = try JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any]
    let final = (run?["final"] as? [String: Any])?["measurement"] as? [String: Any]
    let test = try #require(final?["test"] as? Double)
    #expect(Int((test * Double(images)).rounded()) == wrong)
    let rows = try file("predictions.csv", of: project).split(separator: "\n").dropFirst()
      .map { $0.split(separator: ",") }
    #expect(rows.count == images && rows.count { $0[1] != $0[2] } == wrong)
  }

  @Test(arguments: [images, words])
  func stopsAndThreadsChangeNoByte(command: [String]) throws {
    let whole = try ProgramRun(suite: .table)
    #expect(try whole(command + ["--threads", "1"]).code == 0)
    let stopped = try ProgramRun(suite: .table)
    var kills = 0
    while kills < 20 {
      let process = try stopped.start(command + ["--threads", "2"])
      Thread.sleep(forTimeInterval: 0.4 + 0.1 * Double(kills))
      guard process.isRunning else { break }
      kill(process.processIdentifier, kills.isMultiple(of: 2) ? SIGKILL : SIGTERM)
      process.waitUntilExit()
      kills += 1
    }
    let end = try stopped(command + ["--threads", "2"])
    #expect(end.code == 0, "\(end.errors)")
    for name in ["results.canonical.json", "learning.csv"] {
      #expect(try file(name, of: whole) == file(name, of: stopped))
    }
  }

  @Test func theLearningCurveHasALineAnEpoch() throws {
    let project = try ProgramRun(suite: .table)
    let end = try project(Self.words)
    #expect(end.code == 0, "\(end.errors)")
    let rows = try file("learning.csv", of: project).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(rows[0] == ["epochs", "training_loss", "learning_rate", "validation"])
    #expect(rows.dropFirst().map { $0[2] } == ["1.0", "1.0", "0.5"])
    let scores = rows.dropFirst().compactMap { Double($0[3]) }
    #expect(scores.count == 3 && scores[2] < scores[0])
    #expect(end.output.contains("epoch 3.00: training loss "))
    #expect(end.output.contains("test perplexity "))
  }

  @Test(arguments: [
    (
      ["nonet", "--dataset", "shapes10", "--recipe", "budgeted"], "there is no architecture 'nonet'"
    ),
    (["resnet-8", "--dataset", "nodata", "--recipe", "budgeted"], "there is no dataset 'nodata'"),
    (["resnet-8", "--dataset", "shapes10", "--recipe", "no"], "unknown recipe 'no'"),
    (["lstm", "--dataset", "grammar"], "'lstm' has no recipe of its own here"),
    (
      [
        "lstm", "--dataset", "grammar", "--recipe", "zaremba-small", "--on",
        "training-and-validation",
      ],
      "language models have a validation text of their own"
    ),
    (
      ["resnet-8", "--dataset", "shapes10", "--set", "decay-at=[5, 3]"],
      "decay-at[1]: found 3 after 5; expected a larger one"
    ),
    (
      ["resnet-8", "--dataset", "shapes10", "--set", "epochs=100"],
      "lowers its step size after epoch 136 of 100"
    ),
    (
      ["resnet-8", "--dataset", "shapes10", "--recipe", "budgeted", "--set", "epoch=1"],
      "unknown key 'epoch'"
    ),
    (
      ["resnet-8", "--dataset", "shapes10", "--recipe", "zaremba-small"],
      "recipe 'zaremba-small' trains language models"
    ),
    (["lstm", "--dataset", "shapes10", "--recipe", "zaremba-small"], "shapes10"),
    (
      ["resnet-8", "--dataset", "shapes10", "--recipe", "darts-eval"],
      "networks of 'designed-network' have no auxiliary head"
    ),
  ])
  func badInputIsOneLine(arguments: [String], expected: String) throws {
    let project = try ProgramRun(suite: .table)
    let end = try project(["train"] + arguments)
    #expect(end.code != 0 && !end.wasKilled && end.output == "")
    #expect(end.errors.hasPrefix("searchlight: ") && end.errors.contains(expected), "\(end.errors)")
    #expect(end.errors.split(separator: "\n").count == 1, "\(end.errors)")
    #expect(!FileManager.default.fileExists(atPath: project.home.appending(path: "reports").path))
  }

  @Test(arguments: ["../outside", "/tmp/outside", "Upper", "", "a b"])
  func namesStayInTheirFolder(name: String) throws {
    let project = try ProgramRun(suite: .table)
    let end = try project(Self.images.dropLast() + [name])
    #expect(end.code == 64)
    #expect(end.errors.contains("--name is '\(name)'; expected at most 120 lower-case letters"))
    #expect(!FileManager.default.fileExists(atPath: project.home.appending(path: "reports").path))
  }
}
