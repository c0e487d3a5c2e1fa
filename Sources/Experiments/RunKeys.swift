import Randomness

/// The random keys of a run, derived from the axes of the experiment.
///
/// What must be shared is shared: the split comes from the suite's seed and the task alone, and
/// final training from task and seed index, so that two methods that choose the same architecture
/// train it identically.
public struct RunKeys: Hashable, Sendable {
  /// Splits the data into training and validation: suite seed and task only.
  public let split: RandomKey
  /// Everything the search draws: task, method and seed index.
  public let run: RandomKey
  /// Initialisation and data order of final training: task and seed index, not the method.
  public let finalTraining: RandomKey

  /// The key of a search's trial.
  public func trial(_ index: Int) -> RandomKey { run.child("trial", index) }

  /// The key that the method draws from.
  public var method: RandomKey { run.child("method") }

  /// Derives the keys of a run.
  ///
  /// - Parameters:
  ///   - suiteSeed: The suite's seed.
  ///   - task: The task's name.
  ///   - method: The method's stable id.
  ///   - seedIndex: From 0.
  public init(suiteSeed: UInt64, task: String, method: String, seedIndex: Int) {
    let task = RandomKey(seed: suiteSeed).child("task").child(task)
    split = task.child("split")
    run = task.child("run").child(method).child("seed", seedIndex)
    finalTraining = task.child("final-training").child("seed", seedIndex)
  }

  /// Derives the keys of one of a suite's runs.
  public init(suite: Suite, run: RunSpecification) {
    self.init(
      suiteSeed: suite.seed, task: run.study.task, method: run.method.name,
      seedIndex: run.seedIndex)
  }
}
