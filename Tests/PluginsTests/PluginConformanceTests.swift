import Foundation
import Plugins
import SearchCore
import Testing

/// The methods in Python that come with the project, and programs that must not pass.
@Suite struct PluginConformanceTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Benchmarks/plugins")

  static let hasPython = {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "import json, random"]
    process.standardError = FileHandle.nullDevice
    try? process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  private func problems(_ arguments: [String]) -> [String: String] {
    var problems: [String: String] = [:]
    let command = PluginCommand(arguments: arguments, deadlineSeconds: 20)
    var count = 0
    PluginConformance(command, arguments: arguments).run { verdict in
      count += 1
      problems[verdict.scenario] = verdict.problem
    }
    #expect(count == PluginConformance.count)
    return problems
  }

  @Test(.enabled(if: hasPython, "needs python3"))
  func hillClimbingComesThrough() {
    let method = Self.folder.appending(path: "hill_climbing.py").path
    #expect(problems(["python3", method]) == [:])
  }

  /// Methods with one fault each, and the scenarios that find it.
  static let faults: [(change: (String, String), found: Set<String>)] = [
    (
      (
        "if self.best is None or draw.random()",
        "import os\n        if os.urandom(1)[0] < 128 or draw.random()"
      ),
      ["same-seed", "replay", "two-at-once"]
    ),
    (
      (
        "def ask(self, trial, draw):",
        "def ask(self, trial, draw):\n        draw = __import__('random').Random(trial)"
      ),
      ["other-seed"]
    ),
    (("if value is not None and (self.best", "if (self.best"), ["failed-trials"]),
    (
      ("return self.space.mutate(self.best[1], draw)", "return self.best[1] + [0]"),
      [
        "proposals", "same-seed", "other-seed", "failed-trials", "one-option", "large-space",
        "replay", "two-at-once",
      ]
    ),
  ]

  @Test(.enabled(if: hasPython, "needs python3"), arguments: faults.indices)
  func aFaultIsFound(index: Int) throws {
    let fault = Self.faults[index]
    let place = FileManager.default.temporaryDirectory.appending(path: "plugin-\(UUID())")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    let name = "searchlight_plugin.py"
    try FileManager.default.copyItem(
      at: Self.folder.appending(path: name), to: place.appending(path: name))
    let text = try String(
      contentsOf: Self.folder.appending(path: "hill_climbing.py"), encoding: .utf8)
    #expect(text.contains(fault.change.0))
    let method = place.appending(path: "faulty.py")
    try Data(text.replacing(fault.change.0, with: fault.change.1).utf8).write(to: method)
    let found = Set(problems(["python3", method.path]).keys)
    #expect(found.isSuperset(of: fault.found), "\(found.sorted())")
  }

  @Test func aProgramThatIsNoneFailsEveryScenario() {
    #expect(problems(["true"]).count == PluginConformance.count)
  }
}
