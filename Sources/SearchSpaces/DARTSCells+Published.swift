import SearchCore

extension DARTSCells {
  /// The cells found by the first-order search (the released code's `DARTS_V1`).
  public static let firstOrder = CellPair(
    normal: CellGenotype(
      nodes: [
        .init(.init(.separable3x3, 1), .init(.separable3x3, 0)),
        .init(.init(.skip, 0), .init(.separable3x3, 1)),
        .init(.init(.skip, 0), .init(.separable3x3, 1)),
        .init(.init(.separable3x3, 0), .init(.skip, 2)),
      ], output: output),
    reduction: CellGenotype(
      nodes: [
        .init(.init(.maxPool3x3, 0), .init(.maxPool3x3, 1)),
        .init(.init(.skip, 2), .init(.maxPool3x3, 0)),
        .init(.init(.maxPool3x3, 0), .init(.skip, 2)),
        .init(.init(.skip, 2), .init(.averagePool3x3, 0)),
      ], output: output))

  /// The cells found by the second-order search (the released code's `DARTS_V2`).
  public static let secondOrder = CellPair(
    normal: CellGenotype(
      nodes: [
        .init(.init(.separable3x3, 0), .init(.separable3x3, 1)),
        .init(.init(.separable3x3, 0), .init(.separable3x3, 1)),
        .init(.init(.separable3x3, 1), .init(.skip, 0)),
        .init(.init(.skip, 0), .init(.dilated3x3, 2)),
      ], output: output),
    reduction: CellGenotype(
      nodes: [
        .init(.init(.maxPool3x3, 0), .init(.maxPool3x3, 1)),
        .init(.init(.skip, 2), .init(.maxPool3x3, 1)),
        .init(.init(.maxPool3x3, 0), .init(.skip, 2)),
        .init(.init(.skip, 2), .init(.maxPool3x3, 1)),
      ], output: output))

  /// The cells that the released code calls AmoebaNet: with operations, repeated inputs and joined
  /// states that this space has not.
  package static let amoebaNet = CellPair(
    normal: CellGenotype(
      nodes: [
        .init(.init(.averagePool3x3, 0), .init(.maxPool3x3, 1)),
        .init(.init(.separable3x3, 0), .init(.separable5x5, 2)),
        .init(.init(.separable3x3, 0), .init(.averagePool3x3, 3)),
        .init(.init(.separable3x3, 1), .init(.skip, 1)),
        .init(.init(.skip, 0), .init(.averagePool3x3, 1)),
      ], output: [4, 5, 6]),
    reduction: CellGenotype(
      nodes: [
        .init(.init(.averagePool3x3, 0), .init(.separable3x3, 1)),
        .init(.init(.maxPool3x3, 0), .init(.separable7x7, 2)),
        .init(.init(.separable7x7, 0), .init(.averagePool3x3, 1)),
        .init(.init(.maxPool3x3, 0), .init(.maxPool3x3, 1)),
        .init(.init(.convolution1x7and7x1, 0), .init(.separable3x3, 5)),
      ], output: [3, 4, 6]))
}
