import ArgumentParser
import Claims
import Experiments
import Foundation
import Verification

/// The files and lines in which `searchlight verify` reports.
struct VerifyOutputs: ParsableArguments {
  @Flag(help: "Print JSON, without times, in place of lines.")
  var json = false

  @Option(help: "Write JUnit XML, one case a claim.")
  var junit: String?

  @Flag(help: "In JUnit XML, make 'cannot tell' a failure rather than skipped.")
  var strict = false

  @Option(help: "Write SARIF 2.1.0, one result a claim at its line in the registry.")
  var sarif: String?

  @Option(help: "Write an in-toto statement (predicate test-result v0.1).")
  var inToto: String?

  @Option(help: "Write the endpoint file of a shields.io badge.")
  var badge: String?

  @Flag(help: "Print GitHub annotations, and add to $GITHUB_STEP_SUMMARY.")
  var github = false

  @Option(help: "Keep the predictions behind each score in this folder (CSV).")
  var predictions: String?

  /// Where claims are, below the project's root.
  private static let folder = "Benchmarks/claims"

  /// One line of the report for people.
  func line(_ item: VerificationReport.Item) -> String {
    "\(TableText.pad(item.judgement.verdict.words, 14))  \(item.claim.id)\n    \(item.detail)"
  }

  /// Keeps predictions, if that was asked for.
  func keep(_ claim: PublishedResult, _ evaluation: NetworkEvaluation) throws {
    guard let predictions else { return }
    let folder = URL(filePath: predictions)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let name = claim.id.replacing("/", with: "-") + ".csv"
    try GivenFile(folder.appending(path: name).path).write(Data(evaluation.csv.utf8))
  }

  /// Looks whether everything that was asked for can be written, before the work.
  func check() throws {
    for path in [junit, sarif, inToto, badge].compactMap({ $0 }) { try GivenFile(path).check() }
  }

  /// Writes everything that was asked for.
  func write(_ report: VerificationReport, project: ProjectFolder) throws {
    if json {
      Output.write(String(decoding: try report.json(), as: UTF8.self))
    } else {
      Output.line(report.summary)
    }
    try Self.write(Data(report.junit(isStrict: strict).utf8), to: junit)
    if sarif != nil {
      try Self.write(
        report.sarif(version: try ProgramFile.checksum(), folder: Self.folder), to: sarif)
    }
    if badge != nil { try Self.write(report.badge(), to: badge) }
    if inToto != nil { try Self.write(try statement(report, project), to: inToto) }
    if github { try annotate(report) }
  }

  /// Says in the formats that were asked for that nothing could be judged.
  func write(fault: String) throws {
    if let junit { try GivenFile(junit).write(Data(VerificationReport.junit(fault: fault).utf8)) }
    if let sarif {
      try GivenFile(sarif).write(
        VerificationReport.sarif(fault: fault, version: try ProgramFile.checksum()))
    }
    if let badge { try GivenFile(badge).write(VerificationReport.badgeOfFault()) }
  }

  private func annotate(_ report: VerificationReport) throws {
    for command in report.gitHubCommands(folder: Self.folder) { Output.line(command) }
    guard let path = ProcessInfo.processInfo.environment["GITHUB_STEP_SUMMARY"], !path.isEmpty
    else { return }
    let before = FileManager.default.contents(atPath: path) ?? Data()
    try GivenFile(path).write(before + Data(report.markdown.utf8))
  }

  /// The statement's subjects are the program and the claims' files, what was asked for its
  /// configuration.
  private func statement(_ report: VerificationReport, _ project: ProjectFolder) throws -> Data {
    var subjects = [(name: "searchlight", sha256: try ProgramFile.checksum())]
    var files: [(name: String, sha256: String)] = []
    for name in Set(report.items.map(\.claim.file)).sorted() {
      let file = project.claims.appending(path: name)
      guard let digest = RecordFile.checksum(ofFile: file) else { continue }
      files.append((name: "\(Self.folder)/\(name)", sha256: digest))
    }
    subjects += files
    return try report.inToto(subjects: subjects, configuration: files)
  }

  private static func write(_ data: Data, to path: String?) throws {
    if let path { try GivenFile(path).write(data) }
  }
}
