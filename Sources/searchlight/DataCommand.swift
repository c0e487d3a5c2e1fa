import ArgumentParser
import Datasets
import Evaluators
import Experiments
import Foundation
import Synchronization

/// `searchlight data`: what datasets there are, and getting them.
struct DataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Lists, shows, fetches, imports and checks datasets.",
    discussion: """
      Examples:
        searchlight data list
        searchlight data fetch cifar10
        searchlight data import cifar10 cifar-10-binary.tar.gz
        searchlight data import my-images --manifest my-images.yaml FOLDER
        searchlight data check shapes10

      Files are kept in datasets/.cache, or in the folder that $SEARCHLIGHT_DATA names.
      """,
    subcommands: [
      DataListCommand.self, DataShowCommand.self, DataFetchCommand.self, DataImportCommand.self,
      DataCheckCommand.self, DataGenerateCommand.self,
    ])
}

/// `searchlight data list`.
struct DataListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the datasets and whether their files are here.")

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await CommandFailure.reporting {
      let library = try ProjectFolder.find().library
      let rows = try library.manifests().map { DataRow($0, library.state(of: $0)) }
      if json { return Output.line(try DataRow.json(rows)) }
      for row in rows { Output.line(row.line) }
    }
  }
}

/// `searchlight data fetch`.
struct DataFetchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Downloads a dataset and unpacks it.",
    discussion: "A download that was cut goes on where it stopped when the command is given again.")

  @Argument(help: "Name of the dataset, as `searchlight data list` shows it.")
  var name: String

  @Option(help: "A manifest of your own (YAML) that describes the dataset.")
  var manifest: String?

  func run() async throws {
    try await CommandFailure.reporting {
      let library = try ProjectFolder.find().library
      let found = try DataCommand.manifest(name, manifest, library)
      if library.state(of: found) == .present,
        try library.check(found).allSatisfy({ $0.problem == nil })
      {
        return Output.line("\(found.name) \(found.version): here already, every file verified")
      }
      var bar: (file: String, bar: ProgressBar)?
      try await library.fetching(found) { progress in
        if bar?.file != progress.file {
          bar = (progress.file, ProgressBar(progress.file, unit: .bytes))
        }
        if let message = progress.message {
          bar?.bar.interrupt()
          Output.say(message)
        }
        bar?.bar.update(done: progress.doneBytes, total: progress.totalBytes)
      }
      Output.line(
        "\(found.name) \(found.version): \(found.files.count) files in place and verified")
    }
  }
}

/// `searchlight data import`.
struct DataImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Takes a dataset from archives, files or an unpacked folder on this machine.",
    discussion: """
      The checksums of the files inside decide, not the archive's. Examples:
        searchlight data import cifar10 cifar-10-binary.tar.gz
        searchlight data import cifar10 cifar-10-batches-bin
        searchlight data import ptb simple-examples.tgz
        searchlight data import nasbench201 FOLDER
        searchlight data import cifar10-rebuilt \\
          --manifest Benchmarks/manifests/cifar10-rebuilt.yaml FOLDER
      """)

  @Argument(help: "Name of the dataset.")
  var name: String

  @Argument(help: ArgumentHelp("Archives, files or folders.", valueName: "path"))
  var paths: [String]

  @Option(help: "A manifest of your own (YAML) that describes the dataset; it is remembered.")
  var manifest: String?

  func run() async throws {
    try await CommandFailure.reporting {
      let library = try ProjectFolder.find().library
      let found = try DataCommand.manifest(name, manifest, library)
      try library.importing(found, from: paths.map { URL(filePath: $0) })
      Output.line(
        "\(found.name) \(found.version): \(found.files.count) files in place and verified")
      if let note = found.note { Output.line("note: \(note)") }
    }
  }
}

/// `searchlight data check`.
struct DataCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Reads every file of a dataset and compares sizes and checksums.")

  @Argument(help: "Name of the dataset.")
  var name: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await CommandFailure.reporting {
      let library = try ProjectFolder.find().library
      let found = try library.manifest(name)
      let checks = try library.check(found)
      if json {
        Output.line(try DataFileRow.json(checks))
      } else {
        for check in checks { Output.line("\(check.path): \(check.problem ?? "right")") }
      }
      let wrong = checks.count { $0.problem != nil }
      guard wrong == 0 else {
        throw CommandFailure(
          "\(wrong) of \(checks.count) files of '\(found.name)' are wrong; \(found.advice)")
      }
    }
  }
}

/// `searchlight data generate`.
struct DataGenerateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Makes a dataset of this project anew, bit for bit the same.",
    discussion: """
      Examples:
        searchlight data generate shapes10 --output shapes10-binary.tar.xz
        searchlight data generate grammar --output grammar-text.tar.xz
        searchlight data generate shapes10-cells --output shapes10-cells.tar.xz

      shapes10-cells trains 7,113 networks, about an hour on two cores: stop it with Ctrl-C and type
      the command again to go on; what is done lies beside the output, in a file that ends in .part.
      The files inside are the same on every machine (which was not tried with shapes10-cells);
      another release of liblzma may pack them into other bytes.
      """)

  @Argument(help: "Name of the dataset: shapes10, shapes10-cells or grammar.")
  var name: String

  @Option(name: .shortAndLong, help: "The archive to write (.tar.xz).")
  var output: String

  @Option(help: "Networks that train at a time; all cores if it is left out.")
  var jobs: Int?

  func run() async throws {
    try await CommandFailure.reporting {
      try GivenFile(output).check()
      let files: [GeneratedFile]
      switch name {
      case "shapes10": files = Shapes10Generator().files()
      case "grammar": files = GrammarGenerator().files()
      case TableRecorder.Plan.shapes10Cells.name: files = [try recorded(.shapes10Cells)]
      default:
        throw CommandFailure(
          "cannot generate '\(name)'; expected shapes10, shapes10-cells or grammar")
      }
      let archive = FileManager.default.temporaryDirectory.appending(path: "searchlight-\(UUID())")
      defer { unlink(archive.path) }
      try ArchiveWriter.write(files.map { ($0.path, $0.bytes) }, to: archive)
      try GivenFile(output).write(Data(contentsOf: archive))
      for file in files { Output.line("\(file.sha256)  \(file.path)") }
    }
  }

  /// Trains what a table is made of, or goes on where an earlier command was stopped.
  private func recorded(_ plan: TableRecorder.Plan) throws -> GeneratedFile {
    let jobs = jobs ?? JobLimits.current.processors
    guard (1...1_024).contains(jobs) else {
      throw CommandFailure("--jobs is \(jobs); expected 1 to 1024")
    }
    let project = try ProjectFolder.find()
    let library = project.library
    let recorder = TableRecorder(
      plan, device: try SuiteWorkbench(project: project).device(named: "gtx-1080-ti")
    ) { try library.images(plan.dataset) }
    let part = URL(filePath: output + ".part")
    let signals = StopSignals()
    let bar = Mutex(ProgressBar(plan.name, unit: .count("networks")))
    let table = try withExtendedLifetime(signals) {
      let flag = signals.flag
      return try recorder.record(
        threads: jobs, progress: TableProgress(part, of: plan), isStopped: { flag.isRaised },
        tell: { done, total in bar.withLock { $0.update(done: done, total: total) } })
    }
    guard let table else {
      throw CommandFailure("stopped; type the command again to go on from \(part.relativePath)")
    }
    return GeneratedFile(path: "\(plan.name).csv", bytes: Array(table.utf8))
  }
}

extension DataCommand {
  /// The dataset of a name, described by a manifest of the user's own if there is one.
  static func manifest(
    _ name: String, _ file: String?, _ library: DatasetLibrary
  ) throws -> DatasetManifest {
    guard let file else { return try library.manifest(name) }
    let manifest = try library.userManifest(URL(filePath: file))
    guard manifest.name == name else {
      throw CommandFailure("\(file) describes '\(manifest.name)', not '\(name)'")
    }
    return manifest
  }
}

/// A file in a check.
private struct DataFileRow: Encodable {
  let path: String
  let sizeBytes: Int
  let problem: String?

  static func json(_ checks: [DatasetLibrary.FileCheck]) throws -> String {
    try DataRow.json(
      checks.map { DataFileRow(path: $0.path, sizeBytes: $0.sizeBytes, problem: $0.problem) })
  }
}
