import TensorCore

/// A convolution, without bias unless asked for.
public struct Convolution {
  let filters: Parameter
  private let bias: Parameter?
  let window: Window
  private let groups: Int
  private let parameters: Parameters

  /// Declares the filters.
  ///
  /// - Parameters:
  ///   - name: Path in the network; the filters are `<name>.weight`, the bias `<name>.bias`.
  ///   - initializer: Default: uniform in ±1/√fanIn, PyTorch's.
  public init(
    _ name: String, from channels: Int, to count: Int, window: Window, groups: Int = 1,
    hasBias: Bool = false, initializer: Initializer? = nil, in parameters: Parameters
  ) {
    let fanIn = window.height * window.width * channels / groups
    filters = parameters.declare(
      "\(name).weight", [window.height, window.width, channels / groups, count],
      initializer ?? .uniformFanIn(fanIn))
    bias = hasBias ? parameters.declare("\(name).bias", [count], .uniformFanIn(fanIn)) : nil
    self.window = window
    self.groups = groups
    self.parameters = parameters
  }

  public func callAsFunction(_ input: Tensor, on tape: Tape) -> Tensor {
    let maps = tape.convolution(input, filters, of: parameters, window: window, groups: groups)
    return bias.map { tape.adding($0, to: maps, of: parameters) } ?? maps
  }
}

/// Batch normalisation with running statistics, optionally rectified.
public struct BatchNormalization {
  /// What it learns and remembers, for operations that normalise on the way.
  public let state: NormalizationState
  private let parameters: Parameters

  /// Declares scale (1), shift (0), running mean (0) and running variance (1).
  ///
  /// - Parameter isAffine: Whether a scale and a shift are learned.
  public init(
    _ name: String, channels: Int, isAffine: Bool = true, in parameters: Parameters
  ) {
    self.parameters = parameters
    state = NormalizationState(
      scale: isAffine ? parameters.declare("\(name).weight", [channels], .constant(1)) : nil,
      shift: isAffine ? parameters.declare("\(name).bias", [channels], .constant(0)) : nil,
      runningMean: parameters.declareStatistic("\(name).running_mean", channels, initially: 0),
      runningVariance: parameters.declareStatistic("\(name).running_var", channels, initially: 1))
  }

  public func callAsFunction(_ input: Tensor, rectified: Bool = false, on tape: Tape) -> Tensor {
    tape.batchNormalization(input, state, of: parameters, rectified: rectified)
  }
}

/// A fully connected layer.
public struct Linear {
  private let weights: Parameter
  private let bias: Parameter?
  private let parameters: Parameters

  /// Declares weights `[from, to]` and bias `[to]`, uniform in ±1/√from as PyTorch has them.
  public init(
    _ name: String, from columns: Int, to count: Int, hasBias: Bool = true,
    initializer: Initializer? = nil, in parameters: Parameters
  ) {
    weights = parameters.declare(
      "\(name).weight", [columns, count], initializer ?? .uniformFanIn(columns))
    bias =
      hasBias ? parameters.declare("\(name).bias", [count], .uniformFanIn(columns)) : nil
    self.parameters = parameters
  }

  public func callAsFunction(_ input: Tensor, on tape: Tape) -> Tensor {
    tape.linear(input, weights: weights, bias: bias, of: parameters)
  }
}
