import TensorCore

/// ReLU, convolution, batch normalisation: the order of cell-based search spaces.
///
/// Source: Dong & Yang, arXiv 2001.00326, section 2.1.
public struct ConvolutionUnit {
  private let convolution: Convolution
  private let normalization: BatchNormalization

  /// Declares `<name>.conv` and `<name>.bn`.
  public init(
    _ name: String, from channels: Int, to count: Int, kernel: Int, stride: Int = 1,
    isAffine: Bool = true, in parameters: Parameters
  ) {
    convolution = Convolution(
      "\(name).conv", from: channels, to: count, window: Window(kernel, stride: stride),
      in: parameters)
    normalization = BatchNormalization(
      "\(name).bn", channels: count, isAffine: isAffine, in: parameters)
  }

  public func callAsFunction(_ input: Tensor, on tape: Tape) -> Tensor {
    normalization(convolution(tape.relu(input), on: tape), on: tape)
  }
}
