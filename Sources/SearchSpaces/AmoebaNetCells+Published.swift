extension AmoebaNetCells {
  /// AmoebaNet-A in the released TPU code. Its cells join states that are read as well, so that it
  /// is none of the space's own architectures; so joined, its parameters are the published ones.
  public static let found = CellPair(
    normal: CellGenotype(
      released: [
        (.averagePool3x3, 0, .maxPool3x3, 0), (.separable3x3, 1, .skip, 1),
        (.skip, 0, .averagePool3x3, 1), (.separable3x3, 0, .separable5x5, 2),
        (.averagePool3x3, 5, .separable3x3, 0),
      ], joins: [1, 3, 4, 6]),
    reduction: CellGenotype(
      released: [
        (.separable3x3, 1, .averagePool3x3, 0), (.maxPool3x3, 0, .separable7x7, 2),
        (.maxPool3x3, 1, .maxPool3x3, 0), (.separable3x3, 4, .convolution1x7and7x1, 0),
        (.averagePool3x3, 1, .separable7x7, 0),
      ], joins: [2, 3, 4, 5, 6]))
}
