import NeuralNetworks
import OperationCosts
import SearchCore
import SearchSpaces
import TensorCore
import Testing

/// Sizes of NAS-Bench-201's networks against the benchmark's own figures.
@Suite struct NASBench201NetworkTests {
  private let space = NASBench201()

  private func network(_ text: String) throws -> any Network {
    space.network(
      of: try space.parse(text), scale: TrainingProtocol.Scale(channels: 16, cells: 5),
      classes: 10)
  }

  /// Parameters in the benchmark's records.
  @Test(arguments: [
    (
      "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
      129_306
    ),
    (
      "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|",
      802_426
    ),
    ("|skip_connect~0|+|skip_connect~0|skip_connect~1|+|none~0|nor_conv_1x1~1|none~2|", 101_306),
  ])
  func parametersEqualTheBenchmarks(cell: String, expected: Int) throws {
    #expect(try network(cell).parameters.count == expected)
  }

  /// Millions of multiply-adds of convolutions and the linear layer, recorded with the benchmark.
  @Test(arguments: [
    (
      "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
      15.647
    ),
    (
      "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|",
      113.951
    ),
    ("|skip_connect~0|+|skip_connect~0|skip_connect~1|+|none~0|nor_conv_1x1~1|none~2|", 11.715),
  ])
  func multiplyAddsEqualTheBenchmarks(cell: String, expected: Double) throws {
    let tape = Tape.dry(isTraining: false)
    _ = try network(cell).logits(
      of: tape.empty(Shape(1, 32, 32, 3), requiresGradient: false), on: tape)
    let products = tape.operations.filter { $0.kind != .memoryBound }
    let multiplyAdds = Double(products.reduce(0) { $0 + $1.flops }) / 2e6
    #expect(abs(multiplyAdds - expected) < 0.0005)
  }
}
