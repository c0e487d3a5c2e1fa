extension NASNetCells {
  /// NASNet-A in the released code. Its cells join an input and a block that others read too, so
  /// that it is none of the space's own architectures.
  public static let found = CellPair(
    normal: CellGenotype(
      released: [
        (.separable5x5, 0, .separable3x3, 1), (.separable5x5, 1, .separable3x3, 1),
        (.averagePool3x3, 0, .skip, 1), (.averagePool3x3, 1, .averagePool3x3, 1),
        (.separable3x3, 0, .skip, 0),
      ], joins: [1, 2, 3, 4, 5, 6]),
    reduction: CellGenotype(
      released: [
        (.separable5x5, 0, .separable7x7, 1), (.maxPool3x3, 0, .separable7x7, 1),
        (.averagePool3x3, 0, .separable5x5, 1), (.skip, 3, .averagePool3x3, 2),
        (.separable3x3, 2, .maxPool3x3, 0),
      ], joins: [3, 4, 5, 6]))
}
