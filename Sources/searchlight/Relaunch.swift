import Experiments
import Foundation

/// Starts the program anew, once, when OpenBLAS would run another kernel than it should.
package enum Relaunch {
  /// Says that it has been done, so that it is never done twice.
  package static let mark = "SEARCHLIGHT_RELAUNCHED"

  /// Makes sure that matrix products run on the right OpenBLAS kernel; does not return where the
  /// program has to start anew.
  ///
  /// - Parameter named: What the suite names, if it does.
  /// - Throws: If the processor cannot run it, or the system refuses.
  static func withOpenBLASKernel(named: String? = nil) throws {
    let environment = ProcessInfo.processInfo.environment
    let kernel = try OpenBLASKernel.choose(
      named: named, on: MachineEnvironment.instructionSet)
    guard let changed = self.environment(from: environment, kernel: kernel) else { return }
    let notice = OpenBLASKernel.notice(
      running: kernel, isNamed: named != nil, overriding: environment)
    if let notice { Output.draw("\(notice)\n") }
    try execute(try ProgramFile.url().path, CommandLine.arguments, changed)
  }

  /// The variables to start with; `nil` if the process may go on as it is.
  package static func environment(
    from environment: [String: String], kernel: String?
  ) -> [String: String]? {
    guard let kernel, environment[mark] == nil,
      environment[OpenBLASKernel.variable]?.lowercased() != kernel.lowercased()
    else { return nil }
    return environment.merging([OpenBLASKernel.variable: kernel, mark: "1"]) { $1 }
  }

  private static func execute(
    _ path: String, _ arguments: [String], _ environment: [String: String]
  ) throws {
    let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    var argumentPointers = arguments.map { strdup($0) } + [nil]
    var variablePointers = variables.map { strdup($0) } + [nil]
    execve(path, &argumentPointers, &variablePointers)
    let reason = String(cString: strerror(errno))
    for pointer in argumentPointers + variablePointers { free(pointer) }
    throw CommandFailure(
      "cannot start \(path) anew for OpenBLAS: \(reason); type 'unset \(OpenBLASKernel.variable)'")
  }
}
