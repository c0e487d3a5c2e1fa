import Experiments
import Foundation
import NeuralNetworks
import TestSupport
import Testing

/// Every input of the corpus is refused in the line that is expected, and leaves nothing behind.
@Suite(.serialized) struct BadInputTests {
  @Test(arguments: BadInput.Kind.allCases)
  func theCorpusHasManyOfEachKind(kind: BadInput.Kind) {
    #expect(BadInput.all.count { $0.kind == kind } >= 5)
    // More than the 60 that were asked for; a loss of cases would be seen here.
    #expect(BadInput.all.count >= 150)
  }

  // MARK: By their readers

  @Test(arguments: BadInput.all.filter { !$0.kind.isTyped })
  func itsReaderRefusesIt(input: BadInput) {
    let error = #expect(throws: (any Error).self) {
      switch input.kind {
      case .checkpoint: _ = try Checkpoint.decoded(Data(input.bytes))
      case .pyTorch: _ = try PyTorchCheckpoint(bytes: input.bytes)
      default: _ = try Safetensors(reading: input.bytes)
      }
    }
    #expect(error.map { "\($0)" } == input.message)
  }

  // MARK: By the program

  /// A project in which a small suite was run.
  private static let project = Result {
    let project = try ProgramRun(suite: SmallSuite.training.only("random-search"), ownFiles: true)
    let end = try project(["run", "small"])
    #expect(end.code == 0, "\(end.errors)")
    return project
  }

  /// What somebody types, and where the input is then; the program shows the place as `shown`.
  private struct Attempt {
    var place: URL
    var shown: String
    var arguments: [String]
  }

  private static func attempt(_ kind: BadInput.Kind, in home: URL) -> Attempt {
    let file = home.appending(path: "bad.file")
    switch kind {
    case .manifest:
      return Attempt(
        place: file, shown: file.path,
        arguments: ["data", "import", "tiny", "--manifest", file.path, home.path])
    case .archive:
      return Attempt(
        place: file, shown: file.path,
        arguments: [
          "data", "import", "tiny", "--manifest", home.appending(path: "tiny.yaml").path,
          file.path,
        ])
    case .deviceProfile:
      let path = "Benchmarks/devices/gtx-1080-ti.yaml"
      return Attempt(
        place: home.appending(path: path), shown: path, arguments: ["plan", "small"])
    case .claims:
      return Attempt(
        place: home.appending(path: "Benchmarks/claims/bad.csv"), shown: "bad.csv",
        arguments: ["report", "small"])
    case .journal:
      let run = "shapes10/random-search/0"
      let journal = home.appending(path: "reports/small/runs/\(run)/journal.jsonl")
      return Attempt(
        place: journal, shown: journal.path, arguments: ["explain", "small/\(run)"])
    default:
      return Attempt(place: file, shown: file.path, arguments: ["run", file.path])
    }
  }

  /// Checksums of all files of a project but locks.
  private static func contents(_ home: URL) -> [String: String] {
    var contents: [String: String] = [:]
    for case let path as String in FileManager.default.enumerator(atPath: home.path) ?? .init() {
      guard !path.hasSuffix("lock"),
        let data = try? Data(contentsOf: home.appending(path: path))
      else { continue }
      contents[path] = RecordFile.checksum(of: data)
    }
    return contents
  }

  @Test(
    .enabled(if: ProgramRun.isThere, "needs the built program"),
    arguments: BadInput.all.filter { $0.kind.isTyped })
  func theProgramRefusesItInOneLineAndWritesNothing(input: BadInput) throws {
    let project = try Self.project.get()
    try Data(TinyDataset.yaml().utf8).write(to: project.home.appending(path: "tiny.yaml"))
    let attempt = Self.attempt(input.kind, in: project.home)
    let good = try? Data(contentsOf: attempt.place)
    try Data(input.bytes).write(to: attempt.place)
    let before = Self.contents(project.home)
    let end = try project(attempt.arguments)
    #expect(end.code == 1 && !end.wasKilled && end.output == "")
    #expect(end.errors == "searchlight: \(attempt.shown)\(input.message)\n")
    #expect(Self.contents(project.home) == before)
    if let good {
      try good.write(to: attempt.place)
    } else {
      try FileManager.default.removeItem(at: attempt.place)
    }
  }
}
