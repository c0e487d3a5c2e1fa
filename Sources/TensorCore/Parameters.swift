import Checks
import Randomness

/// How a parameter's first values are drawn.
public enum Initializer: Hashable, Sendable {
  case constant(Float)
  /// Uniform in ±1/√fanIn: PyTorch's default for convolutions and linear layers.
  case uniformFanIn(Int)
  /// Uniform between minus and plus this bound.
  case uniform(bound: Float)
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
  /// Place among the parameters of its kind.
  let index: Int
  /// Whether a step reads only some rows, so that its gradient is kept by row: an embedding.
  let isSparse: Bool
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
  /// Added to the variance by every normalisation; 1e-5 in PyTorch and the papers here.
  public var normalizationEpsilon: Float = 1e-5
  /// Weight of the newest batch in all running statistics; 0.1 in PyTorch.
  public var normalizationMomentum: Float = 0.1
  private var statisticsCount = 0
  /// Where those that are not trained begin.
  private var fixedStart = Int.max
  private var values: Storage?
  private var gradients: Storage?
  private var statisticValues: Storage?
  // By parameter: gradients that were cleared by name only, and rows of sparse ones that may be
  // other than zero, in order.
  private var isUnwritten: [Bool] = []
  private(set) var touchedRows: [[Int32]] = []

  public init() {}

  /// Declares a trainable parameter.
  ///
  /// - Parameter isSparse: Whether its gradient will touch few rows; see `touch`.
  public func declare(
    _ name: String, _ sizes: [Int], _ initializer: Initializer, isSparse: Bool = false
  ) -> Parameter {
    let parameter = Parameter(
      name: name, sizes: sizes, initializer: initializer, offset: count, index: trainable.count,
      isSparse: isSparse)
    trainable.append(parameter)
    isUnwritten.append(false)
    touchedRows.append([])
    count += parameter.count
    return parameter
  }

  /// Declares a running statistic.
  public func declareStatistic(_ name: String, _ size: Int, initially value: Float) -> Parameter {
    let parameter = Parameter(
      name: name, sizes: [size], initializer: .constant(value), offset: statisticsCount,
      index: statistics.count, isSparse: false)
    statistics.append(parameter)
    statisticsCount += size
    return parameter
  }

  /// Keeps the parameters that were declared last as they are drawn: tapes compute no gradient of
  /// theirs, nor charge for one.
  ///
  /// - Parameter count: Of their values.
  public func fix(last count: Int) { fixedStart = self.count - count }

  /// The parameters that training moves: all but those that are kept as they are drawn.
  public var unfixed: [Parameter] { trainable.filter { $0.offset < fixedStart } }

  /// How many values those are; they come first.
  var unfixedCount: Int { min(count, fixedStart) }

  /// Whether an operation's parameters all are kept as they are.
  func areFixed(_ some: [Parameter?]) -> Bool {
    guard fixedStart < count else { return false }
    let known = some.compactMap { $0 }
    return !known.isEmpty && known.allSatisfy { $0.offset >= fixedStart }
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
    gradients.floats.update(repeating: 0, count: max(1, count))
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
      case .uniform(let bound):
        target[index] = Float(generator.uniform(in: -Double(bound)...Double(bound)))
      case .normal(let deviation):
        target[index] = Float(generator.normal() * Double(deviation))
      case .heNormal(let fanIn):
        target[index] = Float(generator.normal() * (2 / Double(fanIn)).squareRoot())
      }
    }
  }

  // MARK: Gradients

  /// Sets every gradient to zero; each step begins with it.
  ///
  /// Nothing is written yet: who comes first overwrites, and of sparse parameters only the rows
  /// that were touched are cleared.
  public func clearGradients() {
    guard let gradients else { return }
    for parameter in trainable {
      guard parameter.isSparse else {
        isUnwritten[parameter.index] = true
        continue
      }
      let width = parameter.sizes.last ?? 1
      for row in touchedRows[parameter.index] {
        (gradients.floats + parameter.offset + Int(row) * width).update(repeating: 0, count: width)
      }
      touchedRows[parameter.index] = []
    }
  }

  /// Scales all gradients down together, if the norm of them all is above one.
  ///
  /// - Parameter norm: Above 0. As PyTorch has it, 1e-6 is added to the norm that is found.
  public func clipGradients(norm: Double) {
    guard let gradients = flatGradients else { return }
    let squares = gradients.reduce(0.0) { $0 + Double($1) * Double($1) }
    let scale = Float(norm / (squares.squareRoot() + 1e-6))
    guard scale < 1 else { return }
    for index in gradients.indices { gradients[index] *= scale }
  }

  /// Where a gradient is added to.
  func gradientPointer(_ parameter: Parameter) -> UnsafeMutablePointer<Float> {
    let (pointer, accumulates) = gradientSink(parameter)
    if !accumulates { pointer.update(repeating: 0, count: parameter.count) }
    return pointer
  }

  /// Where a gradient goes, and whether it adds to what is there.
  func gradientSink(_ parameter: Parameter) -> (
    pointer: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    let base = require(gradients, "Parameters: \(parameter.name) is not allocated").floats
    defer { isUnwritten[parameter.index] = false }
    return (base + parameter.offset, !isUnwritten[parameter.index])
  }

  /// Notes rows of a sparse parameter whose gradient is about to be written.
  func touch(_ parameter: Parameter, rows: [Int32]) {
    touchedRows[parameter.index] = Set(touchedRows[parameter.index] + rows).sorted()
  }

  /// Writes the zeros of gradients that nothing has reached.
  private func settleGradients() {
    for parameter in trainable where isUnwritten[parameter.index] {
      _ = gradientPointer(parameter)
    }
  }

  func pointer(_ parameter: Parameter) -> UnsafeMutablePointer<Float> {
    require(values, "Parameters: \(parameter.name) is not allocated").floats + parameter.offset
  }

  func statisticPointer(_ parameter: Parameter) -> UnsafeMutablePointer<Float> {
    require(statisticValues, "Parameters: \(parameter.name) is not allocated").floats
      + parameter.offset
  }

  // MARK: Access for optimizers, checkpoints and tests

  /// Parameters whose gradient something has reached since gradients were cleared: of shared
  /// weights, those of the path that ran.
  public var touched: [Parameter] { trainable.filter { !isUnwritten[$0.index] } }

  /// All gradients as they stand: those that nothing has reached are not to be read.
  var unsettledGradients: UnsafeMutablePointer<Float>? { gradients?.floats }

  /// All trainable values, in the order of declaration.
  public var flatValues: UnsafeMutableBufferPointer<Float>? {
    values.map { UnsafeMutableBufferPointer(start: $0.floats, count: count) }
  }

  /// All gradients, in the order of declaration.
  public var flatGradients: UnsafeMutableBufferPointer<Float>? {
    settleGradients()
    return gradients.map { UnsafeMutableBufferPointer(start: $0.floats, count: count) }
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
