import SearchCore

/// Who is told how a run goes on while it does; nothing of it decides a result.
public struct RunObserver {
  /// Told how far the run is, at most twice a second.
  public var onProgress: (RunProgress) -> Void = { _ in }
  /// Told of each epoch of final training.
  public var onLearning: (LearningPoint) -> Void = { _ in }
  /// Whether the weights of final training are left in the run's folder, as `weights.safetensors`.
  public var keepsWeights = false

  /// Starts with nobody who listens.
  public init() {}
}
