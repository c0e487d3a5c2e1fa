/// What limits an operation's speed: a device has one rate for each class.
public enum OperationClass: String, CaseIterable, Codable, CodingKeyRepresentable, Sendable {
  /// Convolution with a kernel larger than 1x1 over all channels of a group wider than one.
  case denseConvolution = "dense-convolution"
  /// Convolution with a 1x1 kernel.
  case pointwiseConvolution = "pointwise-convolution"
  /// Convolution with one input channel a group.
  case depthwiseConvolution = "depthwise-convolution"
  /// Matrix product outside a recurrence: linear layers, decoders.
  case matrixProduct = "matrix-product"
  /// Matrix product inside a recurrence: small, and one after another.
  case recurrentProduct = "recurrent-product"
  /// Everything whose time is the bytes it moves: normalisation, activation, pooling, sums.
  case memoryBound = "memory-bound"
}

/// One operation of a network as its definition has it, priced from its shapes alone.
///
/// The unfused definition and the direct algorithm: how the tensor core computes it (fusion,
/// recomputation, Winograd, threads) never changes what is charged, so budgets match on any
/// machine. A multiply-add counts as two floating-point operations; an element of a
/// memory-bound operation counts as stated where the operation is defined.
public struct LogicalOperation: Hashable, Codable, Sendable {
  public let kind: OperationClass
  /// Floating-point operations.
  public let flops: Int
  /// Bytes read and written once, in 32-bit floats.
  public let bytes: Int

  public init(_ kind: OperationClass, flops: Int, bytes: Int) {
    self.kind = kind
    self.flops = flops
    self.bytes = bytes
  }
}

/// What a piece of work is charged: exact integers, so that sums do not depend on their order.
public struct Charge: Hashable, Codable, Sendable {
  /// Canonical floating-point operations.
  public var flops: Int
  /// Canonical bytes moved.
  public var bytes: Int
  /// Modelled time on the study's reference device, in nanoseconds.
  public var referenceNanoseconds: Int
  /// Training examples consumed; the epochs of a budget are counted by it.
  public var trainingExamples: Int

  public init(
    flops: Int = 0, bytes: Int = 0, referenceNanoseconds: Int = 0, trainingExamples: Int = 0
  ) {
    self.flops = flops
    self.bytes = bytes
    self.referenceNanoseconds = referenceNanoseconds
    self.trainingExamples = trainingExamples
  }

  public static let zero = Charge()

  /// Floating-point operations, or `nil` if unknown: recorded tables give a time alone, and work
  /// that takes time is never free of arithmetic.
  public var knownFlops: Int? { flops == 0 && referenceNanoseconds > 0 ? nil : flops }

  public static func + (left: Charge, right: Charge) -> Charge {
    Charge(
      flops: left.flops + right.flops, bytes: left.bytes + right.bytes,
      referenceNanoseconds: left.referenceNanoseconds + right.referenceNanoseconds,
      trainingExamples: left.trainingExamples + right.trainingExamples)
  }

  public static func += (left: inout Charge, right: Charge) { left = left + right }

  /// The charge of the same work done several times.
  public static func * (charge: Charge, count: Int) -> Charge {
    Charge(
      flops: charge.flops * count, bytes: charge.bytes * count,
      referenceNanoseconds: charge.referenceNanoseconds * count,
      trainingExamples: charge.trainingExamples * count)
  }
}
