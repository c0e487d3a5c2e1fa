import ArgumentParser

@main
struct Searchlight: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "searchlight",
    abstract: "Compares neural-architecture-search methods fairly: same data, training and budget.",
    subcommands: [
      RunCommand.self, PlanCommand.self, StatusCommand.self, ReportCommand.self,
      ExplainCommand.self, CompareCommand.self, DataCommand.self,
      ArchitectureCommand.self, ClaimsCommand.self, VerifyCommand.self, EvaluateCommand.self,
      DoctorCommand.self, BenchCommand.self,
      CalibrateCommand.self,
      WorkerCommand.self,
    ])
}
