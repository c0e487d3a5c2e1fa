import SearchCore
import StrictYAML

/// Methods and evaluators that are programs of their own.
extension SuiteReader {
  private static let programKeys = ["name", "command", "settings", "deadline-seconds", "files"]

  /// Reads a method with a key `command`; starts nothing.
  func plugin(
    _ value: YAMLValue, of evaluator: EvaluatorKind
  ) throws(YAMLError) -> MethodChoice {
    let entries = try value.mapping(keys: Self.programKeys + ["space"])
    let named = try entries.required("name")
    let name = try named.identifier()
    guard !workbench.methods.contains(where: { $0.name == name }) else {
      throw named.error("'\(name)' is a method of this program; expected another name")
    }
    var choice = MethodChoice(
      name: name, settings: MethodSettings(of: []),
      space: try entries["space"].map { value throws(YAMLError) in
        try space(value, of: evaluator)
      })
    choice.plugin = try program(entries, deadlineSeconds: PluginCommand.standardDeadlineSeconds)
    return choice
  }

  /// Reads an evaluator with a key `command`; starts nothing.
  func program(
    evaluator value: YAMLValue
  ) throws(YAMLError) -> (kind: EvaluatorKind, command: PluginCommand) {
    let entries = try value.mapping(keys: Self.programKeys)
    let named = try entries.required("name")
    let name = try named.identifier()
    guard !workbench.evaluators.contains(where: { $0.name == name }) else {
      throw named.error("'\(name)' is an evaluator of this program; expected another name")
    }
    return (
      workbench.evaluatorPrograms.named(name),
      try program(entries, deadlineSeconds: PluginCommand.standardTrainingSeconds)
    )
  }

  /// What does not go with an evaluator that says itself what a training took.
  static func check(_ study: Study, _ budget: YAMLValue) throws(YAMLError) {
    guard study.evaluatorProgram != nil else { return }
    for amount in [study.searchBudget, study.finalBudget].compactMap(\.self)
    where amount.unit == .gigaflops {
      throw budget.error(
        "a program that evaluates tells seconds and no operations; expected a budget in another "
          + "unit than \(amount.unit.rawValue)")
    }
  }

  private func program(
    _ entries: YAMLMapping, deadlineSeconds: Double
  ) throws(YAMLError) -> PluginCommand {
    var arguments: [String] = []
    for word in try entries.required("command").list(counts: 1...64) {
      arguments.append(try word.text(longest: 4_096))
    }
    var plugin = PluginCommand(arguments: arguments, deadlineSeconds: deadlineSeconds)
    if let settings = entries["settings"] {
      for (name, value) in try settings.mapping().entries {
        plugin.settings[name] = try Self.setting(value)
      }
    }
    if let deadline = entries["deadline-seconds"] {
      plugin.deadlineSeconds = try deadline.number(in: 1...86_400)
    }
    if let files = entries["files"] {
      for (word, checksum) in try files.mapping(keys: arguments).entries {
        plugin.checksums[word] = try checksum.text(longest: 64)
      }
    } else {
      plugin.checksums = workbench.checksums(ofFilesIn: arguments)
    }
    return plugin
  }

  private static func setting(_ value: YAMLValue) throws(YAMLError) -> PluginCommand.Setting {
    if let number = try? value.number(in: -1e300...1e300) { return .number(number) }
    return .text(try value.text(longest: 4_096))
  }
}
