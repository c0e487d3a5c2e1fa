import Randomness

/// How a parameter's first values are drawn.
public enum Initializer: Hashable, Sendable {
  case constant(Float)
  /// Uniform in ±1/√fanIn: PyTorch's default for convolutions and linear layers.
  case uniformFanIn(Int)
  /// Normal with mean 0 and this standard deviation.
  case normal(deviation: Float)
  /// Normal with variance 2 / fanIn (He et al. 2015, arXiv 1502.01852).
  case heNormal(fanIn: Int)
}

/// A trainable tensor's place in its network's flat buffer.
public struct Parameter: Hashable, Sendable {
  /// Path in the network, as in PyTorch's state dicts: `layer1.0.conv1.weight`.
  public let name: String
  /// Sizes in memory order: filters `[kh, kw, channels / groups, filters]`, matrices `[in, out]`.
  public let sizes: [Int]
  public let initializer: Initializer
  /// Position of the first value.
  public let offset: Int
  public var count: Int { sizes.reduce(1, *) }
}

/// All parameters and statistics of a network: one flat buffer each, so that the optimizer and
/// checksums are single passes.
///
/// Layers declare what they need while the network is built; `allocate` then makes the buffers. A
/// network that is only priced is never allocated.
public final class Parameters {
  public private(set) var trainable: [Parameter] = []
  /// Running means and variances of normalisations: saved, but not trained.
  public private(set) var statistics: [Parameter] = []
  public private(set) var count = 0
  private var statisticsCount = 0
  private var values: Storage?
  private var gradients: Storage?
  private var statisticValues: Storage?

  public init() {}

  /// Declares a trainable parameter.
  public func declare(_ name: String, _ sizes: [Int], _ initializer: Initializer) -> Parameter {
    let parameter = Parameter(name: name, sizes: sizes, initializer: initializer, offset: count)
    trainable.append(parameter)
    count += parameter.count
    return parameter
  }

  /// Declares a running statistic.
  public func declareStatistic(_ name: String, _ size: Int, initially value: Float) -> Parameter {
    let parameter = Parameter(
      name: name, sizes: [size], initializer: .constant(value), offset: statisticsCount)
    statistics.append(parameter)
    statisticsCount += size
    return parameter
  }

  /// Makes the buffers and draws the first values; each parameter's draws are keyed by its name.
  public func allocate(in context: ComputeContext, key: RandomKey) {
    // At least one float, so that a network without parameters is no special case.
    let values = Storage(count: max(1, count), arena: context.arena)
    let gradients = Storage(count: max(1, count), arena: context.arena)
    let statisticValues = Storage(count: max(1, statisticsCount), arena: context.arena)
    self.values = values
    self.gradients = gradients
    self.statisticValues = statisticValues
    clearGradients()
    for parameter in trainable {
      fill(parameter, values.floats, key: key.child(parameter.name))
    }
    for parameter in statistics { fill(parameter, statisticValues.floats, key: key) }
  }

  private func fill(_ parameter: Parameter, _ base: UnsafeMutablePointer<Float>, key: RandomKey) {
    let target = base + parameter.offset
    var generator = key.generator()
    for index in 0..<parameter.count {
      switch parameter.initializer {
      case .constant(let value): target[index] = value
      case .uniformFanIn(let fanIn):
        let bound = 1 / Double(fanIn).squareRoot()
        target[index] = Float(generator.uniform(in: -bound...bound))
      case .normal(let deviation):
        target[index] = Float(generator.normal() * Double(deviation))
      case .heNormal(let fanIn):
        target[index] = Float(generator.normal() * (2 / Double(fanIn)).squareRoot())
      }
    }
  }

  /// Sets every gradient to zero; each step begins with it.
  public func clearGradients() {
    gradients?.floats.update(repeating: 0, count: max(1, count))
  }

  func pointer(_ parameter: Parameter) -> UnsafeMutablePointer<Float> {
    require(values, "Parameters: \(parameter.name) is not allocated").floats + parameter.offset
  }

  func gradientPointer(_ parameter: Parameter) -> UnsafeMutablePointer<Float> {
    require(gradients, "Parameters: \(parameter.name) is not allocated").floats + parameter.offset
  }

  func statisticPointer(_ parameter: Parameter) -> UnsafeMutablePointer<Float> {
    require(statisticValues, "Parameters: \(parameter.name) is not allocated").floats
      + parameter.offset
  }

  // MARK: Access for optimizers, checkpoints and tests

  /// All trainable values, in the order of declaration.
  public var flatValues: UnsafeMutableBufferPointer<Float>? {
    values.map { UnsafeMutableBufferPointer(start: $0.floats, count: count) }
  }

  /// All gradients, in the order of declaration.
  public var flatGradients: UnsafeMutableBufferPointer<Float>? {
    gradients.map { UnsafeMutableBufferPointer(start: $0.floats, count: count) }
  }

  /// All running statistics, in the order of declaration.
  public var flatStatistics: UnsafeMutableBufferPointer<Float>? {
    statisticValues.map { UnsafeMutableBufferPointer(start: $0.floats, count: statisticsCount) }
  }

  /// Copies a parameter's or statistic's values in.
  public func assign(_ values: [Float], to parameter: Parameter) {
    check(
      values.count == parameter.count,
      "assign: \(values.count) values to \(parameter.name) \(parameter.sizes)")
    let isStatistic = statistics.contains(parameter)
    let target = isStatistic ? statisticPointer(parameter) : pointer(parameter)
    for (index, value) in values.enumerated() { target[index] = value }
  }

  /// Copies a parameter's values out.
  public func values(of parameter: Parameter) -> [Float] {
    Array(UnsafeBufferPointer(start: pointer(parameter), count: parameter.count))
  }

  /// Copies a parameter's gradient out.
  public func gradient(of parameter: Parameter) -> [Float] {
    Array(UnsafeBufferPointer(start: gradientPointer(parameter), count: parameter.count))
  }
}
