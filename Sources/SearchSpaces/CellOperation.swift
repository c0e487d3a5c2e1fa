/// An operation of the cells of NASNet, AmoebaNet, ENAS and DARTS, named as DARTS' code names it.
public enum CellOperation: String, CaseIterable, Codable, Sendable {
  /// Zeros: no edge.
  case none
  case maxPool3x3 = "max_pool_3x3"
  case averagePool3x3 = "avg_pool_3x3"
  /// Identity; at stride 2 a factorized reduction.
  case skip = "skip_connect"
  /// Depthwise and pointwise convolution, twice.
  case separable3x3 = "sep_conv_3x3"
  case separable5x5 = "sep_conv_5x5"
  /// Depthwise convolution of dilation 2, and pointwise convolution.
  case dilated3x3 = "dil_conv_3x3"
  case dilated5x5 = "dil_conv_5x5"
}
