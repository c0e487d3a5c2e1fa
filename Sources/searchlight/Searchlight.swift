import ArgumentParser
import Foundation

@main
struct Searchlight: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "searchlight",
    abstract: "Compares neural-architecture-search methods fairly: same data, training and budget.",
    subcommands: [
      InitCommand.self, RunCommand.self, PlanCommand.self, StatusCommand.self, ReportCommand.self,
      SubmitCommand.self, CollectCommand.self,
      ExplainCommand.self, CompareCommand.self, ExportCommand.self, DataCommand.self,
      ArchitectureCommand.self, RecipesCommand.self, TrainCommand.self, ClaimsCommand.self,
      VerifyCommand.self, EvaluateCommand.self, PluginCommands.self,
      DoctorCommand.self, BenchCommand.self, CalibrateCommand.self,
      WorkerCommand.self,
    ])

  /// Runs the command that was typed; help and refusals go out by `Output` as everything does.
  static func main() async {
    Output.prepare()
    var code = await answer()
    if code == .success {
      do { try Output.finish() } catch { code = CommandFailure.report(error) }
    }
    Foundation.exit(code.rawValue)
  }

  private static func answer() async -> ExitCode {
    let typed: any ParsableCommand
    do {
      typed = try await asyncParseAsRoot()
    } catch {
      return say(error)
    }
    do {
      var command = typed
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return .success
    } catch {
      // What the library raises has its own code and words; everything else is a failure of ours.
      let isOurs = exitCode(for: error) == .failure && !(error is ExitCode)
      return isOurs ? CommandFailure.report(error) : say(error)
    }
  }

  /// Prints help, a version or what was wrong with the arguments, in the library's words.
  private static func say(_ error: any Error) -> ExitCode {
    let (code, text) = (exitCode(for: error), fullMessage(for: error))
    guard !text.isEmpty else { return code }
    if code == .success { Output.line(text) } else { Output.draw(text + "\n") }
    return code
  }
}
