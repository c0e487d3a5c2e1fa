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
}
