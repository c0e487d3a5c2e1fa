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
