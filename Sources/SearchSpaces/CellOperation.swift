/// An operation of the cells of NASNet, AmoebaNet, ENAS and DARTS, named as DARTS' code names it
/// or would.
public enum CellOperation: String, CaseIterable, Codable, Sendable {
  /// Zeros: no edge.
  case none
  case maxPool3x3 = "max_pool_3x3"
  case maxPool5x5 = "max_pool_5x5"
  case maxPool7x7 = "max_pool_7x7"
  case averagePool3x3 = "avg_pool_3x3"
  /// Identity; where the size or the channels change, what `CellWiring` says.
  case skip = "skip_connect"
  /// Depthwise and pointwise convolution, twice.
  case separable3x3 = "sep_conv_3x3"
  case separable5x5 = "sep_conv_5x5"
  case separable7x7 = "sep_conv_7x7"
  /// Depthwise convolution of dilation 2, and pointwise convolution.
  case dilated3x3 = "dil_conv_3x3"
  case dilated5x5 = "dil_conv_5x5"
  /// Convolutions over all channels.
  case convolution1x1 = "conv_1x1"
  case convolution3x3 = "conv_3x3"
  /// Of dilation 2.
  case denseDilated3x3 = "conv_3x3_dil"
  /// 1x3, then 3x1.
  case convolution1x3and3x1 = "conv_3x1_1x3"
  /// 1x7, then 7x1.
  case convolution1x7and7x1 = "conv_7x1_1x7"
}
