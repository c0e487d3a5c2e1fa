import Foundation
import Plugins
import SearchCore
import SearchSpaces
import Testing

/// A lawful evaluator in Python comes through, one with a fault is found out.
@Suite(.enabled(if: PluginConformanceTests.hasPython, "needs python3"))
struct EvaluatorConformanceTests {
  private static let plugins = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Benchmarks/plugins")

  private static let lawful = """
    __import__("sys").path.insert(0, "\(plugins.path)")
    from searchlight_plugin import serve_evaluator

    class Guess:
        def __init__(self, task):
            self.task = task
            self.count = task.data["validation"]["count"]

        def evaluate(self, work):
            print("training", work.architecture)
            result = {"status": "ok", "seconds": 0.1, "validation": [0] * self.count}
            if work.test:
                result["test"] = [0] * work.test["count"]
            return result

    serve_evaluator(Guess, name="guess")
    """

  private func problems(_ script: String) -> [String: String] {
    var problems: [String: String] = [:]
    let command = PluginCommand(arguments: ["python3", "-c", script], deadlineSeconds: 5)
    var count = 0
    EvaluatorConformance(command, arguments: command.arguments, space: NASBench201()).run {
      count += 1
      problems[$0.scenario] = $0.problem
    }
    #expect(count == EvaluatorConformance.count)
    return problems
  }

  @Test func aLawfulOneComesThrough() {
    #expect(problems(Self.lawful) == [:])
  }

  /// One fault each, and the scenarios that find it.
  static let faults: [(change: (String, String), found: Set<String>)] = [
    (
      ("result[\"test\"] = [0] * work.test[\"count\"]", "pass"), ["final"]
    ),
    (
      ("[0] * work.test[\"count\"]", "[0] * (work.test[\"count\"] - 1)"), ["final"]
    ),
    (
      ("[0] * self.count}", "[0]}"), ["trial", "several", "final", "epochs", "two-at-once"]
    ),
    (
      ("\"seconds\": 0.1", "\"seconds\": float(\"nan\")"),
      ["trial", "several", "final", "epochs", "two-at-once"]
    ),
    (
      ("\"status\": \"ok\"", "\"status\": \"ok\" if work.epochs < 3 else \"diverged\""), ["epochs"]
    ),
    (
      ("def evaluate(self, work):", "def evaluate(self, work):\n        self.count -= 1"),
      ["trial", "several", "final", "epochs", "two-at-once"]
    ),
    (
      ("self.task = task", "raise ValueError(\"no GPU\")"),
      ["trial", "several", "final", "epochs", "two-at-once", "unknown-field"]
    ),
  ]

  @Test(arguments: faults.indices)
  func aFaultIsFoundOut(index: Int) {
    let (change, found) = Self.faults[index]
    let script = Self.lawful.replacing(change.0, with: change.1)
    #expect(script != Self.lawful)
    #expect(Set(problems(script).keys) == found)
  }
}
