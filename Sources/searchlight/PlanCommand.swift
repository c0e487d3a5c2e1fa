import ArgumentParser
import Experiments
import Foundation
import SearchCore

/// `searchlight plan`: what a suite will do and cost.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Prints what a suite would run and cost, without running it.",
    discussion: """
      Example:
        searchlight plan nasbench201
        searchlight plan cifar10-papers --device v100

      Costs on the reference GPU are modelled from the operations of sampled architectures. The data need
      not be there, but for recorded tables, whose costs are in them.
      """)

  @OptionGroup var arguments: SuiteArguments

  @Option(help: "Price it on another device profile than the suite's.")
  var device: String?

  @Option(help: "Runs that train at once; by default one a processor that this job may use.")
  var jobs: Int?

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await CommandFailure.reporting {
      var session = try SuiteSession(arguments.suite, standsIn: true)
      if let device { try session.use(device: device) }
      let plan = try SuitePlan(
        suite: session.suite, workbench: session.workbench, evaluators: session.evaluators(),
        jobs: max(1, jobs ?? JobLimits.current.processors), measuresMachine: true,
        progress: Self.progress())
      if json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Output.line(String(decoding: try encoder.encode(plan), as: UTF8.self))
      } else {
        for line in Self.lines(plan, suite: session.suite) { Output.line(line) }
        try session.workbench.absentData(of: session.suite).forEach { Output.line($0) }
      }
      if let refusal = plan.refusals.first { throw CommandFailure(refusal) }
    }
  }

  /// Shows how far a plan is that takes more than two seconds.
  private static func progress() -> (Int, Int) -> Void {
    let start = ContinuousClock.now
    var bar = ProgressBar("planning", unit: .count("methods"))
    return { done, total in
      guard start.duration(to: .now) > .seconds(2) else { return }
      bar.update(done: done, total: total)
    }
  }

  /// The plan in words.
  static func lines(_ plan: SuitePlan, suite: Suite) -> [String] {
    var lines = [
      "\(plan.suite): \(suite.runs.count) runs, costs on \(plan.device) (\(plan.deviceError))"
    ]
    for (study, specification) in zip(plan.studies, suite.studies) {
      let final = specification.finalBudget.map { ", final training \(text(of: $0))" } ?? ""
      lines += [
        "",
        "study \(study.study): search budget \(text(of: specification.searchBudget)) a run\(final)",
        study.detectableDifference.map {
          "  \(study.seeds) seeds find a difference of \(TableText.decimals($0, 2)) standard "
            + "deviations of a run (80 % power, 5 % level)"
        } ?? "  one seed cannot tell any difference from chance",
        "  costs: \(study.costLabel)",
        "  all runs: \(study.referenceSeconds.map(TableText.seconds) ?? "unknown") on the "
          + "reference device, \(study.machineSeconds.map(TableText.seconds) ?? "unknown") here "
          + "with \(plan.jobs) at once",
        "  peak memory of a run: "
          + (study.peakMemoryBytes.map { "\($0 / (1 << 20)) MiB" } ?? "unknown"),
      ]
      if let cost = study.publishedCost {
        lines.append(
          "  published: \(TableText.decimals(cost.gpuDays, cost.gpuDays < 10 ? 2 : 0)) GPU-days "
            + "a search on \(cost.device) (\(cost.source))")
      }
      for method in study.methods {
        lines.append(line(method, of: specification))
        lines += caution(of: method).map { [$0] } ?? []
      }
    }
    return lines
  }

  private static func text(of budget: Budget) -> String {
    "\(budget.amount.shortText) \(budget.unit.rawValue)"
  }

  /// What the trials' scores cannot be trusted for; `nil` if nothing is known against them.
  private static func caution(of method: SuitePlan.MethodPlan) -> String? {
    method.unlearntStatistics.map {
      "    caution: trials are scored by running statistics of which "
        + "\(TableText.decimals(100 * $0, 0)) % are initial values still; "
        + "raise the recipe's epochs or its normalization-momentum until it is 1 %"
    }
  }

  private static func line(_ method: SuitePlan.MethodPlan, of study: Study) -> String {
    let space = method.space == study.space ? "" : " in \(method.space)"
    let start = "  \(method.method)\(space): \(method.runs) runs, "
    let seconds = method.secondsPerTrial.map { " of \(TableText.seconds($0)) each" } ?? ""
    let days =
      study.publishedCost == nil
      ? ""
      : method.searchSeconds.map { ", modelled \(TableText.decimals($0 / 86_400, 2)) GPU-days" }
        ?? ""
    let selection =
      method.selectionSeconds.map {
        study.publishedCost == nil || $0 == 0
          ? "" : ", \(TableText.decimals($0 / 86_400, 2)) of them for the choice"
      } ?? ""
    if let epochs = method.expectedEpochs {
      let updates =
        method.expectedControllerUpdates.map { " with \($0) controller updates" } ?? ""
      return start + "about \(Int(epochs)) epochs\(seconds)\(updates)\(days)\(selection)"
    }
    let trials =
      method.expectedTrials.map { "about \(Int($0.rounded()))" } ?? "an unknown number of"
    return start
      + "\(trials) trials\(seconds) (at least \(method.minimumTrials) needed)\(days)"
  }
}
