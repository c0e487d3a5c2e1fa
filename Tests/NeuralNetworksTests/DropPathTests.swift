import NeuralNetworks
import Testing

@Suite struct DropPathTests {
  /// By hand. DARTS: 0.2 · epoch / 600, the same in every cell. NASNet and ENAS: 1 - keep with
  /// keep = 1 - progress · (cell + 1) / cells · (1 - 0.6).
  @Test(
    arguments: [
      (DropPath(finalProbability: 0.2, growsWithDepth: false), 0.5, 0.25, 0.1),
      (DropPath(finalProbability: 0.2, growsWithDepth: false), 1, 1, 0.2),
      (DropPath(finalProbability: 0.4, growsWithDepth: true), 0.5, 0.25, 0.05),
      (DropPath(finalProbability: 0.4, growsWithDepth: true), 1, 1, 0.4),
      (DropPath(finalProbability: 0.4, growsWithDepth: true), 0, 1, 0),
      (DropPath.none, 1, 1, 0),
    ] as [(DropPath, Float, Float, Float)])
  func growsAsThePapersSay(dropPath: DropPath, progress: Float, depth: Float, expected: Float) {
    #expect(abs(dropPath.probability(at: progress, depth: depth) - expected) < 1e-7)
  }
}
