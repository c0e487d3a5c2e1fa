import Foundation
import SearchCore

/// The resolved suite as YAML: every default spelled out, with derived keys and data checksums.
///
/// A lock is itself a suite: running it reproduces the results.
public struct SuiteLock {
  public let suite: Suite
  /// Checksums of the data behind each study, by study and file.
  public let dataChecksums: [String: [String: String]]
  /// What the suite is computed with: program and BLAS.
  public let code: [EnvironmentFact]

  /// Locks a suite.
  public init(
    suite: Suite, dataChecksums: [String: [String: String]], code: [EnvironmentFact] = []
  ) {
    self.suite = suite
    self.dataChecksums = dataChecksums
    self.code = code
  }

  /// Most runs whose keys are spelled out: the file stays below what is read as a suite.
  private static let mostKeys = 4_000

  /// The lock file: the suite with its data, then code and the derived keys of every run.
  public var file: String {
    var lines = ["  code:"]
    lines += code.map { "    \(quoted($0.name)): \(quoted($0.value))" }
    if code.isEmpty { lines = ["  code: {}"] }
    let runs = suite.runs
    lines.append(
      runs.count > Self.mostKeys
        ? "  # The keys of \(runs.count) runs: each journal's first line has its own." : "  keys:")
    for run in runs where runs.count <= Self.mostKeys {
      let keys = RunKeys(suite: suite, run: run)
      lines.append(
        "    \(run.id): [\(quoted(keys.run.hexadecimal)), \(quoted(keys.finalTraining.hexadecimal))]"
      )
    }
    return yaml + lines.joined(separator: "\n") + "\n"
  }

  /// The suite with its data; the same bytes for the same suite and data, whatever computes it.
  public var yaml: String {
    var lines = [
      "# The suite as it was run, every default spelled out. It can be run again as it is.",
      "suite: \(suite.name)", "version: \(suite.version)", "summary: \(quoted(suite.summary))",
      "seed: \(suite.seed)", "seeds: \(suite.seeds)", "device: \(suite.device)",
    ]
    if let kernel = suite.openBLASKernel { lines.append("openblas-kernel: \(kernel)") }
    lines.append("studies:")
    for study in suite.studies { lines += self.lines(of: study) }
    lines += ["lock:", "  format: 1", "  studies:"]
    for study in suite.studies {
      let keys = RunKeys(suiteSeed: suite.seed, task: study.task, method: "", seedIndex: 0)
      lines += [
        "    - name: \(study.name)", "      split-key: \(quoted(keys.split.hexadecimal))",
        "      data:",
      ]
      let files = (dataChecksums[study.name] ?? [:]).sorted { $0.key < $1.key }
      lines += files.map { "        \(quoted($0.key)): \(quoted($0.value))" }
      if files.isEmpty { lines[lines.count - 1] = "      data: {}" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(of study: Study) -> [String] {
    var lines = [
      "  - name: \(study.name)", "    kind: \(study.kind.rawValue)",
      "    dataset: \(quoted(study.dataset))", "    space: \(study.space)",
    ]
    if let program = study.evaluatorProgram {
      lines += ["    evaluator:", "      name: \(study.evaluator)"]
      lines += self.lines(of: program, indent: 6)
    } else {
      lines.append("    evaluator: \(study.evaluator)")
    }
    lines += Self.lines(ofTraining: study)
    lines.append("    methods:")
    for method in study.methods {
      lines.append("      - name: \(method.name)")
      if method.label != method.name { lines.append("        label: \(method.label)") }
      if let space = method.space { lines.append("        space: \(space)") }
      for (name, value) in method.settings.values.sorted(by: { $0.key < $1.key }) {
        lines.append("        \(name): \(value.shortText)")
      }
      if let plugin = method.plugin { lines += self.lines(of: plugin, indent: 8) }
    }
    lines += ["    budget:", "      search: \(text(of: study.searchBudget))"]
    if let budget = study.finalBudget { lines.append("      final: \(text(of: budget))") }
    if let limit = study.trialTimeLimitSeconds {
      lines.append("    trial-time-limit-seconds: \(limit.shortText)")
    }
    switch study.judgement {
    case .training: break
    case .trainingAndValidation: lines.append("    final: {on: \(study.judgement.rawValue)}")
    case .table: lines.append("    final: \(study.judgement.rawValue)")
    }
    if let seeds = study.seeds { lines.append("    seeds: \(seeds)") }
    if study.recordsTrialCurves { lines.append("    learning-curves: trials") }
    if let cost = study.publishedCost {
      lines += [
        "    published-cost:", "      gpu-days: \(cost.gpuDays.shortText)",
        "      device: \(quoted(cost.device))", "      source: \(quoted(cost.source))",
      ]
    }
    return lines
  }

  private func lines(of plugin: PluginCommand, indent: Int) -> [String] {
    func mapping(_ entries: [(key: String, value: String)]) -> String {
      let parts = entries.sorted { $0.key < $1.key }.map { "\(quoted($0.key)): \($0.value)" }
      return "{\(parts.joined(separator: ", "))}"
    }
    let settings = plugin.settings.map { name, value in
      switch value {
      case .number(let number): (key: name, value: number.shortText)
      case .text(let text): (key: name, value: quoted(text))
      }
    }
    return [
      "command: [\(plugin.arguments.map(quoted).joined(separator: ", "))]",
      "settings: \(mapping(settings))",
      "deadline-seconds: \(plugin.deadlineSeconds.shortText)",
      "files: \(mapping(plugin.checksums.map { (key: $0.key, value: quoted($0.value)) }))",
    ].map { String(repeating: " ", count: indent) + $0 }
  }

  private func text(of budget: Budget) -> String {
    "{\(budget.unit.rawValue): \(budget.amount.shortText)}"
  }

  /// A text as a YAML double-quoted scalar.
  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      // A reader may take it for an anchor's beginning.
      case "&": result += "\\x26"
      case _ where scalar.value < 32:
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + (digits.count == 1 ? "0" : "") + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
