import ArgumentParser
import Datasets
import Experiments
import Foundation

/// `searchlight doctor`: checks a machine and says what to do.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks this machine: libraries, fonts, BLAS kernel, memory, disk, data.",
    discussion: """
      Example:
        searchlight doctor
      """)

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await CommandFailure.reporting {
      let project = try ProjectFolder.find()
      let findings = try MachineCheck(project: project).findings()
      if json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Output.line(String(decoding: try encoder.encode(findings), as: UTF8.self))
      } else {
        for finding in findings { Output.line(finding.line) }
      }
      let problems = findings.filter { $0.verdict == .problem }.count
      if problems > 0 {
        throw CommandFailure("\(problems) problem(s) found; each line above says what to do")
      }
    }
  }
}
