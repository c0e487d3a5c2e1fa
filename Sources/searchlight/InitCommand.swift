import ArgumentParser
import Experiments
import Foundation

/// `searchlight init`: a suite to begin with.
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Writes a commented suite to begin with.",
    discussion: """
      Example:
        searchlight init my-suite
        searchlight plan my-suite
        searchlight run my-suite

      The suite goes to Benchmarks/suites and runs as it is, in about a minute; a file that is there is
      left alone.
      """)

  @Argument(help: "The suite's name: lower-case letters, digits and '-'.")
  var name: String

  func run() async throws {
    try await CommandFailure.reporting {
      let project = try ProjectFolder.find()
      let file = project.suites.appending(path: "\(name).yaml")
      let text = Self.starter.replacing("NAME", with: name)
      // The suite's own reader says what is wrong with a name, before anything is written.
      _ = try SuiteReader(workbench: SuiteWorkbench(project: project))
        .read(text: text, file: "suite '\(name.prefix(64))'")
      guard !FileManager.default.fileExists(atPath: file.path) else {
        throw CommandFailure(
          "\(file.relativePath) is there already; choose another name, or remove it")
      }
      try RecordFile.write(Data(text.utf8), to: file)
      Output.line(
        "\(file.path) written; type 'searchlight plan \(name)', then 'searchlight run \(name)'")
    }
  }

  private static let starter = """
    # Results go to reports/NAME. Numbers are the papers' where nothing is said.
    suite: NAME
    # Raise it whenever the results of the same seed would change.
    version: 1
    summary: >-
      Which method finds the best cell for shapes10 at this budget?
    # Every random number follows from it.
    seed: 1
    # Runs of each method. 'searchlight plan NAME' says which difference so many can find.
    seeds: 3
    # Whose hours are charged: a name of Benchmarks/devices. No such GPU is needed.
    device: gtx-1080-ti
    studies:
      - name: shapes10
        # common-space: which method is better in one space. own-space: how a method does in its paper's.
        kind: common-space
        # 'searchlight data list' has them all; a manifest's path (.yaml) will do.
        dataset: shapes10
        # What is searched.
        space: nas-bench-201
        # training: every architecture is trained. table: its score is looked up.
        evaluator: training
        # How architectures are trained: 'searchlight recipes' lists them, 'searchlight recipes NAME' every
        # field that may be set here.
        recipe:
          name: nasbench201-12
          batch-size: 16
          anneal-by-epoch: false
        # How large networks and data are, equal for all methods; without it they have the papers' size.
        scale:
          channels: 4
          cells: 1
          training-images: 1000
          validation-images: 500
          epochs: 2
        # A method's settings stand beside its name: {name: regularized-evolution, population-size: 10}. Others are
        # ppo, nas, reinforce, asha, darts, enas, gdas, random-search-weight-sharing and random-sampling.
        methods:
          - random-search
          - name: regularized-evolution
            population-size: 4
            sample-size: 2
        # reference-gpu-seconds, reference-gpu-hours, gigaflops, trials, epochs or wall-clock-hours.
        budget:
          # What a search may spend,
          search: {reference-gpu-seconds: 6}
          # and what training its choice may spend.
          final: {reference-gpu-seconds: 3}

    """
}
