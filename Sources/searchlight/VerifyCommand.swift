import ArgumentParser
import Claims
import Experiments
import Foundation
import TensorCore
import Verification

/// `searchlight verify`: which published figures hold here.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks published figures: reproduced, not reproduced, cannot tell or not measured.",
    discussion: """
      Examples:
        searchlight verify
        searchlight verify --level architecture,checkpoint --checkpoints FOLDER
        searchlight verify --claims resnet/,nas-bench-201/ --junit junit.xml --sarif verify.sarif

      Levels: 'architecture' counts parameters, 'checkpoint' scores archived weights on the test
      images, 'replay' repeats searches on a recorded table: these are checked unless --level says
      otherwise. 'training' trains networks from scratch, for an hour or so each; 'paper' says what
      a paper's full protocol takes, and judges it once 'searchlight train' has done it. The time is
      estimated first. Trainings are kept in reports/trained/ and continue where they stopped.

      Exit codes: 0 all as expected, 1 not reproduced, 2 cannot tell, 3 not measured (the worst of
      1, 2, 3 that occurs, in this order), 64 wrong usage, 70 something else failed. Better than
      published is never a failure. A claim may carry a verdict that is expected, with its reason;
      any other verdict then counts as not reproduced.
      """)

  @Option(
    help: "What to check, of architecture, checkpoint, replay, training, paper; commas between.")
  var level = ClaimLevels(Verification.cheapLevels)

  @Option(help: "Only claims whose ids begin so; commas between several.")
  var claims: String?

  @Option(help: "Folder of archived weights; by default 'checkpoints' beside the datasets' files.")
  var checkpoints: String?

  @Option(
    help: """
      Searches of each replayed claim, by default as many as were published; trainings of each \
      trained one, by default one.
      """)
  var runs: Int?

  @Option(help: "Seconds that it may take by the estimate; what is beyond is not measured.")
  var budget: Double?

  @Option(help: "Threads; verdicts are the same for any number.")
  var threads: Int?

  @Option(help: "An earlier report (--json); figures that are worse now exit with 1.")
  var baseline: String?

  @OptionGroup var outputs: VerifyOutputs

  func validate() throws {
    if let runs, !(1...100_000).contains(runs) {
      throw ValidationError("--runs is \(runs); 1 to 100,000 expected")
    }
    if let budget, !(budget > 0 && budget.isFinite) {
      throw ValidationError("--budget is \(budget); seconds above 0 expected")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); 1 to 1024 expected")
    }
  }

  func run() async throws {
    do {
      // The exit code says the verdict, whoever reads the lines.
      Output.outliveReaders()
      try outputs.check()
      let project = try ProjectFolder.find()
      let registry = try ClaimsRegistry(folder: project.claims)
      let chosen = try selection(registry)
      let before = try baseline.map(Self.baseline)
      let signals = StopSignals()
      let report = try verify(chosen, in: project, stop: signals.flag)
      try outputs.write(report, project: project)
      let regressions = before?.regressions(in: report) ?? []
      for line in regressions { Output.say("worse than the baseline: \(line)") }
      throw ExitCode(regressions.isEmpty ? report.exitCode : 1)
    } catch let code as ExitCode {
      throw code
    } catch let error as ValidationError {
      throw error
    } catch {
      Output.say("\(error)")
      try? outputs.write(fault: "\(error)")
      throw ExitCode(70)
    }
  }

  private func selection(_ registry: ClaimsRegistry) throws -> [PublishedResult] {
    var filter = ClaimsFilter()
    filter.levels = level.levels
    filter.ids = claims?.split(separator: ",").map(String.init) ?? []
    for id in filter.ids where !registry.claims.contains(where: { $0.id.hasPrefix(id) }) {
      throw ValidationError(
        "--claims: no id begins with '\(id)'; "
          + (registry.nearest(to: id).map { "did you mean '\($0)'?" }
            ?? "type 'searchlight claims list' for all"))
    }
    let chosen = registry.filtered(by: filter)
    guard !chosen.isEmpty else {
      throw ValidationError(
        "no claim is of these levels; type 'searchlight claims list' to see each one's")
    }
    return chosen
  }

  private static func baseline(_ path: String) throws -> VerificationBaseline {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ValidationError("--baseline: '\(path)' cannot be read; expected a file of --json")
    }
    do {
      return try VerificationBaseline(json: data)
    } catch { throw ValidationError("--baseline: '\(path)': \(error)") }
  }

  private func verify(
    _ claims: [PublishedResult], in project: ProjectFolder, stop: StopFlag
  ) throws -> VerificationReport {
    var verification = Verification(
      .init(
        library: project.library,
        checkpoints: [
          checkpoints.map { URL(filePath: $0) } ?? project.checkpoints,
          project.claims.appending(path: "weights"),
        ],
        context: try ComputeContext(threads: threads ?? JobLimits.current.processors), runs: runs,
        sha256: RecordFile.checksum(ofFile:), keep: outputs.keep
      ) { request in
        try ClaimTraining(request, in: project, threads: threads, stop: stop)
      })
    var checks: [Result<any ClaimCheck, any Error>] = []
    for claim in claims { checks.append(Result { try verification.check(for: claim) }) }
    Self.sayCosts(claims, checks)
    var left = budget ?? .infinity
    var items: [VerificationReport.Item] = []
    for (claim, check) in zip(claims, checks) {
      let cost = (try? check.get().seconds) ?? 0
      let start = ContinuousClock.now
      let judgement =
        cost > left
        ? Judgement(
          .notMeasured,
          "its estimated \(TableText.seconds(cost)) are beyond the budget; raise --budget")
        : verification.judgement(of: claim, by: check)
      if cost <= left { left -= cost }
      items.append(
        .init(
          claim: claim, judgement: judgement,
          seconds: start.duration(to: .now) / .seconds(1)))
      if !outputs.json { Output.line(outputs.line(items[items.count - 1])) }
    }
    return VerificationReport(items)
  }

  /// How long each level will take, before anything is measured.
  private static func sayCosts(
    _ claims: [PublishedResult], _ checks: [Result<any ClaimCheck, any Error>]
  ) {
    let parts = PublishedResult.Level.allCases.compactMap { level -> String? in
      let seconds = zip(claims, checks).compactMap { claim, check in
        claim.level == level ? (try? check.get().seconds) ?? 0 : nil
      }
      guard !seconds.isEmpty else { return nil }
      return "\(level.rawValue): \(seconds.count) claims, about "
        + TableText.seconds(seconds.reduce(0, +))
    }
    Output.say("estimated: " + parts.joined(separator: "; "))
  }

}

extension ProjectFolder {
  /// Archived weights of others.
  fileprivate var checkpoints: URL { library.cache.appending(path: "checkpoints") }
}
