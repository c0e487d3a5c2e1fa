import OperationCosts
import SearchCore
import SearchSpaces
import Testing
import WeightSharing

/// What DARTS' steps are charged, counted by hand for convolutions and classifier on 8x8 images.
@Suite struct BilevelPriceTests {
  private let channels = 4
  private let images = 16

  /// Multiply-adds of a forward pass, and the parts of it whose inputs do not depend on α.
  private struct Count {
    var forward = 0
    /// The stem, whose input is the image.
    var stem = 0
    /// Whatever reads only the stem.
    var beforeAlpha = 0
  }

  /// Stem of 12; cells of 4, 8, 8, 16 and 16 channels on 8, 4, 4, 2 and 2 rows; every cell has
  /// two adapters and 14 edges with six kinds of convolution; reductions halve in the edges that
  /// read inputs, where the skip connection is a 1x1 convolution too.
  private var count: Count {
    var count = Count()
    count.stem = 64 * 12 * 27
    count.forward = count.stem
    var (older, newer, side) = (12, 12, 8)
    for (cell, width) in [4, 8, 8, 16, 16].enumerated() {
      let isReduction = cell == 1 || cell == 3
      // Behind a reduction the older input is twice as large, and is halved by its adapter.
      let adapters = side * side * width * (older + newer)
      count.forward += adapters
      let input = side * side
      if isReduction { side /= 2 }
      let output = side * side
      // A depthwise stage of k² taps and its 1x1 convolution.
      func stage(_ taps: Int) -> Int { output * width * (taps + width) }
      let edge = 3 * stage(9) + 3 * stage(25)
      let strided = edge + output * width * width
      let edges = isReduction ? 8 * strided + 6 * edge : 14 * edge
      count.forward += edges
      if cell == 0 { count.beforeAlpha += adapters + 8 * edge }
      if cell == 1 { count.beforeAlpha += input * width * older + 4 * strided }
      (older, newer) = (newer, 4 * width)
    }
    count.forward += 64 * 2
    return count
  }

  @Test func convolutionsOfAStepAreTheHandCount() throws {
    let task = try OneShotTask.stub(DARTSCells())
    let supernet = DARTSSupernet(channels: channels, cellsPerStage: 1, classes: 2)
    let count = count
    let weightPass = 3 * count.forward - count.stem
    let alphaPass = 2 * count.forward - count.stem - count.beforeAlpha
    func convolutions(isSecondOrder: Bool) -> Int {
      BilevelPrice(
        CellRelaxation(supernet, on: StubImages(), batchSize: images, key: task.key),
        clips: true, isSecondOrder: isSecondOrder, on: task.device
      )
      .operations(training: images, validation: images)
      .filter { $0.kind != .memoryBound }.reduce(0) { $0 + $1.flops }
    }
    #expect(convolutions(isSecondOrder: false) == 2 * images * (weightPass + alphaPass))
    #expect(
      convolutions(isSecondOrder: true) == 2 * images * (3 * weightPass + 2 * alphaPass))
  }
}
