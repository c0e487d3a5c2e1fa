import ArgumentParser
import Experiments
import Foundation
import Plugins
import SearchCore
import SearchSpaces

/// `searchlight plugin`: methods and evaluators that are programs of their own.
struct PluginCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin",
    abstract: "Tests a method or evaluator that is a program of its own, or allows a suite's.",
    discussion: """
      Examples:
        searchlight plugin test -- python3 Benchmarks/plugins/hill_climbing.py
        searchlight plugin allow Benchmarks/suites/nasbench201-plugins.yaml
      """,
    subcommands: [PluginTest.self, PluginAllow.self])
}

/// `searchlight plugin test`: plays the scenarios that every plug-in must come through.
struct PluginTest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract:
      "Starts a program and plays the scenarios that a method or evaluator must come through.",
    discussion: """
      Examples:
        searchlight plugin test -- python3 Benchmarks/plugins/hill_climbing.py
        searchlight plugin test --evaluator -- python3 Benchmarks/plugins/pytorch_evaluator.py

      One line a scenario; ends with code 1 if the program fails any. Words that name files are paths
      from the project's root.
      """)

  @Option(help: "Seconds within which it must answer each request.")
  var deadlineSeconds = 20.0

  @Flag(help: "It evaluates: play the scenarios of programs that train architectures.")
  var evaluator = false

  @Option(help: "With --evaluator: the space whose architectures it is to train.")
  var space = "nas-bench-201"

  @Option(help: "A setting it is given, as name=value; may be repeated.")
  var set: [String] = []

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @Argument(help: "The program and its arguments, after '--'.")
  var command: [String]

  func run() async throws {
    try await CommandFailure.reporting {
      guard (1...86_400).contains(deadlineSeconds) else {
        throw CommandFailure(
          "--deadline-seconds is \(deadlineSeconds.shortText); expected 1 to 86400")
      }
      var plugin = PluginCommand(arguments: command, deadlineSeconds: deadlineSeconds)
      for entry in set {
        let sides = entry.split(separator: "=", maxSplits: 1).map(String.init)
        guard sides.count == 2 else {
          throw CommandFailure("--set '\(entry)': expected name=value")
        }
        plugin.settings[sides[0]] = Double(sides[1]).map { .number($0) } ?? .text(sides[1])
      }
      // The verdict is the exit code: nobody reading the lines is no reason to give none.
      Output.outliveReaders()
      let project = try ProjectFolder.find()
      let (count, failed) = try play(plugin, arguments: project.resolving(filesIn: command))
      guard failed == 0 else {
        throw CommandFailure(
          "\(failed) of \(count) scenarios failed; fix the first and test again")
      }
      if !json { Output.line("\(count) of \(count) passed") }
    }
  }

  /// Plays the scenarios of its kind.
  ///
  /// - Returns: How many there are, and how many failed.
  private func play(
    _ plugin: PluginCommand, arguments: [String]
  ) throws -> (count: Int, failed: Int) {
    var failed = 0
    func tell(_ verdict: PluginConformance.Verdict) {
      if verdict.problem != nil { failed += 1 }
      show(verdict)
    }
    guard evaluator else {
      PluginConformance(plugin, arguments: arguments).run(tell)
      return (PluginConformance.count, failed)
    }
    guard let found = SearchSpaceCatalog.named(space),
      EvaluatorCatalog.programs.spaces.contains(space)
    else {
      throw CommandFailure(
        "--space '\(space)': expected one of "
          + EvaluatorCatalog.programs.spaces.joined(separator: ", "))
    }
    EvaluatorConformance(plugin, arguments: arguments, space: found).run(tell)
    return (EvaluatorConformance.count, failed)
  }

  private func show(_ verdict: PluginConformance.Verdict) {
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      guard let text = try? encoder.encode(verdict) else { return }
      return Output.line(String(decoding: text, as: UTF8.self))
    }
    let found = verdict.problem.map { ": \($0.onOneLine)" } ?? ""
    Output.line(
      "\(verdict.problem == nil ? "passed" : "FAILED") \(verdict.scenario): \(verdict.expected)"
        + found)
  }
}

/// `searchlight plugin allow`: lets a suite's programs be started from now on.
struct PluginAllow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allow",
    abstract: "Allows the programs that a suite names, as long as their files stay as they are.",
    discussion: """
      Example: searchlight plugin allow Benchmarks/suites/nasbench201-plugins.yaml

      Starts nothing. What is allowed is kept by digest in ~/.config/searchlight/allowed-commands.
      """)

  @OptionGroup var arguments: SuiteArguments

  func run() async throws {
    try await CommandFailure.reporting {
      let session = try SuiteSession(arguments.suite)
      let plugins = session.suite.studies.flatMap(\.programs)
      guard !plugins.isEmpty else {
        throw CommandFailure("suite '\(session.suite.name)' names no program")
      }
      let file = try CommandPermission.allow(plugins)
      for line in Set(plugins.map(\.line)).sorted() { Output.line("allowed: \(line)") }
      Output.line("kept in \(file.path)")
    }
  }
}
