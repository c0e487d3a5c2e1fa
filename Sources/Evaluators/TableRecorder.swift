import Datasets
import Foundation
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import Synchronization
import TensorCore

/// Trains every distinct architecture of a space that is small enough to list, and writes down what each is worth: how a
/// recorded table comes to be.
///
/// An architecture is the first of its class in the order of the choices. Its training is measured
/// after some of its epochs on the validation split and after the last on the test split; seconds
/// are modelled for a device. What is trained next depends on nothing but the plan, and a row on
/// nothing but its architecture and seed: any number of threads, stopped at any time, gives the
/// same table.
public struct TableRecorder: Sendable {
  /// What is trained, and how.
  public struct Plan: Sendable {
    /// Name of the dataset that the table becomes.
    public let name: String
    /// Name of the dataset of images that is trained on.
    public let dataset: String
    public let space: any TrainableSearchSpace
    public let recipe: TrainingProtocol
    /// Epochs after which the validation split is scored; the last is the recipe's.
    public let epochs: [Int]
    /// One in so many architectures is trained with a second seed.
    public let secondSeedEvery: Int

    /// Plans a table.
    public init(
      name: String, dataset: String, space: any TrainableSearchSpace, recipe: TrainingProtocol,
      epochs: [Int], secondSeedEvery: Int
    ) {
      self.name = name
      self.dataset = dataset
      self.space = space
      self.recipe = recipe
      self.epochs = epochs
      self.secondSeedEvery = secondSeedEvery
    }

    /// The architectures, one of each class, in the order of their choices.
    public func architectures() -> [Architecture] {
      let counts = space.decisions.map(\.options.count)
      var seen: Set<String> = []
      return (0..<counts.reduce(1, *)).compactMap { number in
        var rest = number
        var choices: [Int] = []
        for count in counts.reversed() {
          choices.append(rest % count)
          rest /= count
        }
        let architecture = Architecture(
          space: type(of: space).name, choices: choices.reversed())
        return seen.insert(space.identity(of: architecture)).inserted ? architecture : nil
      }
    }

    /// What is trained, in order: an architecture's number, and a seed.
    func trainings(of architectures: Int) -> [(architecture: Int, seed: Int)] {
      (0..<architectures).map { ($0, 0) }
        + stride(from: 0, to: architectures, by: secondSeedEvery).map { ($0, 1) }
    }

    /// All 6,466 distinct cells of NAS-Bench-201 on `shapes10`, at a scale of seconds: 4 channels
    /// and one cell a stage (16 and 5 in the paper), 1,000 images, 4 epochs. Neither crop nor flip:
    /// so few updates have nothing to overfit.
    ///
    /// Source of space and recipe: Dong & Yang, arXiv 2001.00326.
    public static let shapes10Cells: Plan = {
      var recipe = TrainingProtocol.nasBench201Short
      recipe.annealsByEpoch = false
      recipe.batchSize = 16
      recipe.learningRate = 0.1
      recipe.cropPadding = 0
      recipe.horizontalFlip = false
      recipe.epochs = 4
      recipe.scale = TrainingProtocol.Scale(
        channels: 4, cells: 1, trainingImages: 1_000, validationImages: 500)
      return Plan(
        name: "shapes10-cells", dataset: "shapes10", space: NASBench201(), recipe: recipe,
        epochs: [1, 2, 4], secondSeedEvery: 10)
    }()
  }

  private static let key = RandomKey(seed: 1)

  private let plan: Plan
  private let device: DeviceProfile
  private let data: @Sendable () throws -> ImageDataset

  /// - Parameter data: Loads the plan's dataset; every thread has its own.
  public init(
    _ plan: Plan, device: DeviceProfile, data: @escaping @Sendable () throws -> ImageDataset
  ) {
    (self.plan, self.device, self.data) = (plan, device, data)
  }

  /// What trains, one architecture after another.
  public func evaluator() throws -> TrainingEvaluator {
    let data = try data()
    let split = try DataSplit.make(
      trainingCount: data.training.count, validationCount: data.validationCount,
      limit: DataSplit.Limit(
        training: plan.recipe.scale.trainingImages, validation: plan.recipe.scale.validationImages),
      key: Self.key)
    return TrainingEvaluator(
      ImageTask(space: plan.space, data: data, split: split), training: plan.recipe,
      device: device, context: try ComputeContext(threads: 1, blas: .native))
  }

  /// The rows of one training: `architecture,split,epochs,seed,score,seconds`, a line each.
  ///
  /// - Parameter index: The architecture's number.
  public func rows(
    of architecture: Architecture, index: Int, seed: Int, by evaluator: TrainingEvaluator
  ) throws -> [String] {
    let evaluation = try evaluator.finalTraining(
      of: architecture, budget: nil,
      key: Self.key.child("architecture", index).child("seed", seed))
    let name = plan.space.text(of: architecture)
    var (lines, spent) = ([String](), Int128(0))
    while true {
      let report = try evaluation.step()
      spent += report.charge.referenceNanoseconds
      if let point = report.learning, let score = point.validation,
        let epochs = Int(exactly: point.epochs), plan.epochs.contains(epochs)
      {
        let seconds = Double((spent + 500_000) / 1_000_000) / 1_000
        lines.append(
          "\(name),validation,\(epochs),\(seed),\(score.shortText),\(seconds.shortText)")
      }
      guard let outcome = report.outcome else { continue }
      guard outcome.status == .completed, let test = outcome.measurement.test else {
        throw EvaluationError("\(name): training ended as '\(outcome.status.rawValue)'")
      }
      return lines + ["\(name),test,\(plan.recipe.epochs),\(seed),\(test.shortText),"]
    }
  }

  /// Trains everything that `progress` does not hold yet.
  ///
  /// - Parameters:
  ///   - threads: Trainings at a time.
  ///   - isStopped: Asked before each training; what is under way is finished.
  ///   - tell: Called with the number of trainings that are done, and of all.
  /// - Returns: The table, or `nil` if it was stopped.
  public func record(
    threads: Int, progress: TableProgress, isStopped: @escaping @Sendable () -> Bool,
    tell: @escaping @Sendable (Int, Int) -> Void
  ) throws -> String? {
    let architectures = plan.architectures()
    let trainings = plan.trainings(of: architectures.count)
    let open = trainings.filter { training in
      !progress.holds(plan.space.text(of: architectures[training.architecture]), training.seed)
    }
    tell(trainings.count - open.count, trainings.count)
    let next = Atomic(0)
    let failure = Mutex<(any Error)?>(nil)
    // Threads of its own: those of a queue would leave none to hear a signal.
    let ended = DispatchSemaphore(value: 0)
    let work: @Sendable () -> Void = {
      defer { ended.signal() }
      do {
        let evaluator = try evaluator()
        while failure.withLock({ $0 == nil }), !isStopped() {
          let place = next.add(1, ordering: .relaxed).oldValue
          guard place < open.count else { return }
          let (index, seed) = open[place]
          try progress.add(rows(of: architectures[index], index: index, seed: seed, by: evaluator))
          tell(progress.count, trainings.count)
        }
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    for _ in 0..<threads {
      let thread = Thread(block: work)
      // As much as a process's first thread has.
      thread.stackSize = 8 << 20
      thread.start()
    }
    for _ in 0..<threads { ended.wait() }
    if let error = failure.withLock({ $0 }) { throw error }
    guard progress.count == trainings.count else { return nil }
    let blocks = try architectures.indices.flatMap { index in
      try (0...1).compactMap { seed -> [String]? in
        guard seed == 0 || index.isMultiple(of: plan.secondSeedEvery) else { return nil }
        let name = plan.space.text(of: architectures[index])
        guard let rows = progress.rows(name, seed) else {
          throw EvaluationError("\(name): there is no training of seed \(seed)")
        }
        return rows
      }
    }
    return ([RecordedScores.header] + blocks.flatMap { $0 }).joined(separator: "\n") + "\n"
  }
}

/// The trainings of a table that are done: a file that grows by one training at a time.
///
/// A training is on disk when it is added; of one that a kill cut off, the next session begins anew.
public final class TableProgress: Sendable {
  private struct State {
    var blocks: [String: [String]] = [:]
    let file: FileHandle
  }

  private let state: Mutex<State>

  /// Opens a file, which is made if there is none, and cuts off what is not whole.
  ///
  /// - Parameter plan: What is to be trained: a file of another plan is refused.
  public init(_ file: URL, of plan: TableRecorder.Plan) throws {
    let title = try Self.title(plan)
    if !FileManager.default.fileExists(atPath: file.path) {
      try Data("\(title)\n".utf8).write(to: file)
    }
    let handle = try FileHandle(forUpdating: file)
    let bytes = try handle.readToEnd() ?? Data()
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard lines.first == title, lines.count > 1 else {
      throw EvaluationError(
        "\(file.relativePath) is not the progress of this table; remove it, or name another output")
    }
    var (blocks, block): ([String: [String]], [String]) = ([:], [])
    var (whole, size) = (0, 0)
    // What stands behind the last line's end is not whole.
    for (number, line) in lines.dropLast().enumerated() {
      size += line.utf8.count + 1
      if number == 0 {
        whole = size
        continue
      }
      block.append(line)
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == 6, fields[1] == "test" else { continue }
      blocks["\(fields[0]),\(fields[3])"] = block
      block = []
      whole = size
    }
    try handle.truncate(atOffset: UInt64(whole))
    try handle.seekToEnd()
    state = Mutex(State(blocks: blocks, file: handle))
  }

  /// The first line of the file: the table's name and a digest of what is trained.
  private static func title(_ plan: TableRecorder.Plan) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let recipe = try encoder.encode(plan.recipe)
    let rest = "\(plan.dataset) \(plan.epochs) \(plan.secondSeedEvery)"
    let digest = GeneratedFile(path: plan.name, bytes: Array(recipe) + Array(rest.utf8)).sha256
    return "# \(plan.name), plan \(digest)"
  }

  /// How many trainings are done.
  public var count: Int { state.withLock { $0.blocks.count } }

  func holds(_ architecture: String, _ seed: Int) -> Bool { rows(architecture, seed) != nil }

  func rows(_ architecture: String, _ seed: Int) -> [String]? {
    state.withLock { $0.blocks["\(architecture),\(seed)"] }
  }

  /// Keeps a training's rows; they are on disk when this returns.
  func add(_ rows: [String]) throws {
    guard let last = rows.last else { return }
    let fields = last.split(separator: ",", omittingEmptySubsequences: false)
    try state.withLock { state in
      try state.file.write(contentsOf: Data((rows.joined(separator: "\n") + "\n").utf8))
      try state.file.synchronize()
      state.blocks["\(fields[0]),\(fields[3])"] = rows
    }
  }
}
