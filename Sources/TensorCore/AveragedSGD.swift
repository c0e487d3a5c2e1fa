import OperationCosts

/// Gradient descent that, once told to, averages its weights from step to step; the average is what
/// is evaluated.
///
///     w -= learningRate · (clip(gradient) + weightDecay · w)
///     average += (w - average) / max(1, n),   after n averaged steps
///
/// Source: Polyak & Juditsky 1992, doi:10.1137/0330046; PyTorch's `ASGD` with λ = 0 and t₀ = 0, as
/// Merity et al. 2018 (arXiv 1708.02182) and DARTS' recurrent networks (arXiv 1806.09055) use it:
/// it leaves the first step's weights out of the average.
public final class AveragedSGD: Optimizer {
  private let descent: SGD
  private let parameters: Parameters
  private let average: Storage
  private let context: ComputeContext
  /// Steps since the averaging began; `nil` before.
  public private(set) var averagedSteps: Int?

  /// Starts without averaging.
  public init(
    _ parameters: Parameters, weightDecay: Float, clipNorm: Float?, in context: ComputeContext
  ) {
    self.parameters = parameters
    self.context = context
    descent = SGD(
      parameters, momentum: 0, isNesterov: false, weightDecay: weightDecay, clipNorm: clipNorm,
      in: context)
    average = Storage(count: max(1, parameters.count), arena: context.arena)
    average.floats.update(repeating: 0, count: max(1, parameters.count))
  }

  /// Averages from the next step on.
  public func beginAveraging() { averagedSteps = averagedSteps ?? 0 }

  public func step(learningRate: Float) {
    descent.step(learningRate: learningRate)
    guard let count = averagedSteps, let weights = parameters.flatValues?.baseAddress else {
      return
    }
    let share = 1 / Float(max(1, count))
    // Rows for the threads, and what is left.
    let (width, total) = (1024, parameters.count)
    let whole = total / width * width
    for (start, rows, columns) in [(0, whole / width, width), (whole, 1, total - whole)]
    where rows * columns > 0 {
      context.kernels.axpby(
        context.pool, Int32(rows), Int32(columns), share, weights + start, Int32(columns),
        1 - share, average.floats + start, Int32(columns))
    }
    averagedSteps = count + 1
  }

  /// Steps since the averaging began, and one; 0 before it.
  public var steps: Int { averagedSteps.map { $0 + 1 } ?? 0 }

  public func resume(after steps: Int) { averagedSteps = steps == 0 ? nil : steps - 1 }

  public var arrays: [(name: String, values: UnsafeMutableBufferPointer<Float>)] {
    [("average", UnsafeMutableBufferPointer(start: average.floats, count: parameters.count))]
  }

  public func exchangeEvaluatedWeights() {
    guard let count = averagedSteps, count > 0, let weights = parameters.flatValues else { return }
    for index in 0..<parameters.count {
      swap(&weights[index], &average.floats[index])
    }
  }

  /// Canonical cost of a step: that of gradient descent, and 3 operations and 3 floats moved a
  /// parameter for the average.
  public static func operations(_ parameters: Parameters, clips: Bool) -> [LogicalOperation] {
    SGD.operations(parameters, clips: clips)
      + parameters.trainable.map {
        LogicalOperation(.memoryBound, flops: 3 * $0.count, bytes: 4 * 3 * $0.count)
      }
  }
}
