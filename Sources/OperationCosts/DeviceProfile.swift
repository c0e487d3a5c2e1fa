/// A model of how long a named GPU takes for logical operations.
///
/// An operation takes its launch overhead plus the larger of its arithmetic at the class's rate
/// and its bytes at the memory's rate. Profiles live in `Benchmarks/devices/`, each rate with its
/// source; what they give is *modelled* time and is always labelled so.
public struct DeviceProfile: Hashable, Codable, Sendable {
  /// Stable id, lower kebab case: `gtx-1080-ti`.
  public let name: String
  /// Name to print.
  public let title: String
  /// Sustained arithmetic of each class, in 10⁹ floating-point operations a second.
  public let gigaflopsPerSecond: [OperationClass: Double]
  /// Sustained memory bandwidth, in 10⁹ bytes a second.
  public let gigabytesPerSecond: Double
  /// Time to launch one operation, in microseconds.
  public let launchMicroseconds: Double
  /// Host-side cost of decoding, augmenting and copying one example, in microseconds.
  public let inputMicrosecondsPerExample: Double
  /// Where the rates come from.
  public let sources: [String]
  /// Published costs that the rates were not fitted to; empty if none is known.
  public let heldOut: [HeldOutCost]

  /// A published cost, and what the profile says of it.
  public struct HeldOutCost: Hashable, Codable, Sendable {
    /// What was done, in which unit, and who says so.
    public let cost: String
    public let published: Double
    public let modelled: Double

    public init(cost: String, published: Double, modelled: Double) {
      self.cost = cost
      self.published = published
      self.modelled = modelled
    }

    /// The factor by which the model is wrong, in either direction; at least 1.
    public var factor: Double { max(modelled / published, published / modelled) }
  }

  /// How far converted figures can be trusted, in words that stand beside each of them.
  public var heldOutError: String {
    guard let factor = heldOut.map(\.factor).max() else { return "no held-out error is known" }
    let hundredths = Int((100 * factor).rounded())
    let decimals = "\(hundredths % 100)"
    return "off by a factor of up to \(hundredths / 100)."
      + (decimals.count == 1 ? "0\(decimals)" : decimals)
      + " on \(heldOut.count) published cost\(heldOut.count == 1 ? "" : "s") that it was not "
      + "fitted to"
  }

  public init(
    name: String, title: String, gigaflopsPerSecond: [OperationClass: Double],
    gigabytesPerSecond: Double, launchMicroseconds: Double, inputMicrosecondsPerExample: Double,
    sources: [String], heldOut: [HeldOutCost] = []
  ) {
    self.heldOut = heldOut
    self.name = name
    self.title = title
    self.gigaflopsPerSecond = gigaflopsPerSecond
    self.gigabytesPerSecond = gigabytesPerSecond
    self.launchMicroseconds = launchMicroseconds
    self.inputMicrosecondsPerExample = inputMicrosecondsPerExample
    self.sources = sources
  }

  /// Prices a list of operations over a number of input examples.
  ///
  /// The sum is rounded to whole nanoseconds once, at its end.
  ///
  /// - Parameters:
  ///   - operations: What is computed, in any order that is fixed for the work.
  ///   - examples: Images or tokens that must be brought to the device.
  ///   - trainingExamples: Those of them that count towards an epoch.
  public func charge(
    for operations: [LogicalOperation], examples: Int, trainingExamples: Int
  ) -> Charge {
    var charge = Charge(trainingExamples: trainingExamples)
    var nanoseconds = 1000 * inputMicrosecondsPerExample * Double(examples)
    for operation in operations {
      charge.flops += Int128(operation.flops)
      charge.bytes += Int128(operation.bytes)
      // A class without a rate is bound by its bytes alone.
      let arithmetic = gigaflopsPerSecond[operation.kind].map { Double(operation.flops) / $0 } ?? 0
      let memory = Double(operation.bytes) / gigabytesPerSecond
      nanoseconds += 1000 * launchMicroseconds + max(arithmetic, memory)
    }
    charge.referenceNanoseconds = Int128(nanoseconds.rounded())
    return charge
  }
}
