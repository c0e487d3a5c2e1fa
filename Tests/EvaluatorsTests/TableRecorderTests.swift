import Datasets
import Evaluators
import Foundation
import NeuralNetworks
import SearchCore
import SearchSpaces
import Synchronization
import TestSupport
import Testing

@Suite struct TableRecorderTests {
  /// Cells of NAS-Bench-201 with one operation beside a convolution that all have.
  private struct Tiny: TrainableSearchSpace {
    static let name = "tiny-cells"
    let decisions = [
      Decision(name: "first", options: ["none", "skip_connect", "nor_conv_1x1"]),
      Decision(name: "second", options: ["none", "skip_connect"]),
    ]
    var hasAuxiliaryHeads: Bool { false }
    var hasDropPath: Bool { false }

    private func cell(_ architecture: Architecture) -> Architecture {
      Architecture(
        space: NASBench201.name,
        choices: [3, architecture.choices[0], 0, architecture.choices[1], 1, 1])
    }

    func text(of architecture: Architecture) -> String {
      NASBench201().text(of: cell(architecture))
    }

    func parse(_ text: String) throws(ArchitectureError) -> Architecture {
      let choices = try NASBench201().parse(text).choices
      return Architecture(space: Self.name, choices: [choices[1], choices[3]])
    }

    func identity(of architecture: Architecture) -> String {
      NASBench201().identity(of: cell(architecture))
    }

    func graphs(of architecture: Architecture) -> [CellGraph] { [] }

    func network(
      of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int,
      options: NetworkOptions
    ) -> any Network {
      NASBench201().network(
        of: cell(architecture), scale: scale, classes: classes, options: options)
    }
  }

  private static let plan: TableRecorder.Plan = {
    var recipe = SyntheticData.training
    recipe.scale.trainingImages = 64
    recipe.scale.validationImages = 20
    return TableRecorder.Plan(
      name: "tiny", dataset: "synthetic", space: Tiny(), recipe: recipe, epochs: [1, 2],
      secondSeedEvery: 2)
  }()

  private func record(
    _ part: URL, threads: Int, plan: TableRecorder.Plan = plan, most: Int = .max
  ) throws -> String? {
    let recorder = TableRecorder(plan, device: SyntheticData.device) { SyntheticData.dataset() }
    let begun = Mutex(0)
    return try recorder.record(
      threads: threads, progress: TableProgress(part, of: plan),
      isStopped: {
        begun.withLock { begun in
          begun += 1
          return begun > most
        }
      }, tell: { _, _ in })
  }

  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "recorder-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  /// The number of the benchmark's paper, arXiv 2001.00326.
  @Test func everyClassOfTheCellsIsPlannedOnce() {
    let plan = TableRecorder.Plan.shapes10Cells
    let architectures = plan.architectures()
    #expect(architectures.count == 6_466)
    #expect(Set(architectures.map(plan.space.identity)).count == 6_466)
  }

  /// Some of its trainings, done again: first, last, and a second seed.
  @Test func theEmbeddedTableIsWhatIsTrained() throws {
    try withFolder { folder in
      let library = DatasetLibrary(
        manifestFolder: SharedFolder.repository.appending(path: "datasets"), cache: folder)
      let embedded = try library.scores("shapes10-cells").rows
      let plan = TableRecorder.Plan.shapes10Cells
      let architectures = plan.architectures()
      #expect(Set(embedded.map(\.architecture)).count == architectures.count)
      let recorder = TableRecorder(plan, device: SyntheticData.device) {
        try library.images("shapes10")
      }
      let evaluator = try recorder.evaluator()
      for (index, seed) in [(0, 0), (3_210, 1), (6_465, 0)] {
        let again = try recorder.rows(
          of: architectures[index], index: index, seed: seed, by: evaluator
        ).map { $0.split(separator: ",").prefix(5).joined(separator: ",") }
        let name = plan.space.text(of: architectures[index])
        let kept = embedded.filter { $0.architecture == name && $0.seed == seed }
          .map { "\(name),\($0.split),\($0.epochs),\(seed),\($0.score.shortText)" }
        #expect(again == kept)
        #expect(again.count == 4)
      }
    }
  }

  @Test func aTableHasARowForEachMeasurement() throws {
    try withFolder { folder in
      let table = try #require(try record(folder.appending(path: "a.part"), threads: 1))
      let rows = table.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      #expect(rows.first?.joined(separator: ",") == RecordedScores.header)
      let count = Self.plan.architectures().count
      #expect(rows.count == 1 + 3 * (count + (count + 1) / 2))
      for row in rows.dropFirst() {
        let score = try #require(Double(row[4]))
        #expect((0...1).contains(score))
        #expect((row[1] == "test") == row[5].isEmpty)
      }
      // Training longer costs more.
      #expect(try #require(Double(rows[1][5])) < #require(Double(rows[2][5])))
    }
  }

  @Test func threadsAndStopsChangeNothing() throws {
    try withFolder { folder in
      let whole = try record(folder.appending(path: "a.part"), threads: 1)
      let part = folder.appending(path: "b.part")
      #expect(try record(part, threads: 2, most: 3) == nil)
      // A kill in the middle of a line.
      let bytes = try Data(contentsOf: part)
      try bytes.dropLast(9).write(to: part)
      #expect(try record(part, threads: 3) == whole)
      #expect(whole != nil)
    }
  }

  @Test func progressOfAnotherTableIsRefused() throws {
    try withFolder { folder in
      let part = folder.appending(path: "a.part")
      _ = try record(part, threads: 1, most: 1)
      var recipe = Self.plan.recipe
      recipe.learningRate *= 2
      let other = TableRecorder.Plan(
        name: "tiny", dataset: "synthetic", space: Tiny(), recipe: recipe, epochs: [1, 2],
        secondSeedEvery: 2)
      let error = #expect(throws: EvaluationError.self) {
        try record(part, threads: 1, plan: other)
      }
      #expect(try #require(error).description.contains("is not the progress of this table"))
    }
  }
}
