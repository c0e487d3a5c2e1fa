import ArgumentParser

@main
struct Searchlight: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "searchlight",
    abstract: "Compares neural-architecture-search methods fairly: same data, training and budget.",
    subcommands: [DataCommand.self])
}
