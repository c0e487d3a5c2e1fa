import Foundation
import OperationCosts
import Testing

/// Prices worked out by hand for a device with round rates.
@Suite struct DeviceProfileTests {
  /// 1000 · 10⁹ FLOPs a second is 1000 FLOPs a nanosecond; 100 bytes a nanosecond.
  static func device(launch: Double = 0, input: Double = 0) -> DeviceProfile {
    DeviceProfile(
      name: "round", title: "Round",
      gigaflopsPerSecond: [
        .denseConvolution: 1000, .matrixProduct: 500,
      ], gigabytesPerSecond: 100, launchMicroseconds: launch, inputMicrosecondsPerExample: input,
      sources: ["made up"])
  }

  private func nanoseconds(
    _ operations: [LogicalOperation], on device: DeviceProfile, examples: Int = 0
  ) -> Int128 {
    device.charge(for: operations, examples: examples, trainingExamples: 0).referenceNanoseconds
  }

  /// Without published costs to test a profile on, that is what is said.
  @Test func whereNothingIsKnownItIsSaid() {
    #expect(Self.device().heldOutError == "no held-out error is known")
  }

  @Test func arithmeticBoundOperationTakesItsArithmetic() {
    // 5,000,000 / 1000 = 5000 ns of arithmetic against 300,000 / 100 = 3000 ns of memory.
    let operation = LogicalOperation(.denseConvolution, flops: 5_000_000, bytes: 300_000)
    #expect(nanoseconds([operation], on: Self.device()) == 5000)
  }

  @Test func memoryBoundOperationTakesItsBytes() {
    // 1,000,000 / 1000 = 1000 ns of arithmetic against 3000 ns of memory.
    let operation = LogicalOperation(.denseConvolution, flops: 1_000_000, bytes: 300_000)
    #expect(nanoseconds([operation], on: Self.device()) == 3000)
  }

  @Test func eachClassHasItsRate() {
    // 5,000,000 / 500.
    let operation = LogicalOperation(.matrixProduct, flops: 5_000_000, bytes: 300_000)
    #expect(nanoseconds([operation], on: Self.device()) == 10_000)
  }

  @Test(arguments: [
    OperationClass.memoryBound, .pointwiseConvolution, .depthwiseConvolution, .recurrentProduct,
  ])
  func aClassWithoutRateTakesItsBytes(kind: OperationClass) {
    let operation = LogicalOperation(kind, flops: 5_000_000, bytes: 300_000)
    #expect(nanoseconds([operation], on: Self.device()) == 3000)
  }

  @Test func everyOperationIsLaunched() {
    let operation = LogicalOperation(.denseConvolution, flops: 5_000_000, bytes: 0)
    // Two times 2.5 µs + 5 µs, on top of each other and not hidden.
    #expect(nanoseconds([operation, operation], on: Self.device(launch: 2.5)) == 15_000)
  }

  @Test func everyExampleIsBroughtToTheDevice() {
    #expect(nanoseconds([], on: Self.device(input: 1.5), examples: 3) == 4500)
  }

  @Test func theSumIsRoundedOnce() {
    // 0.4 ns each: rounded one by one, four would cost nothing; their 1.6 ns cut off, 1.
    let operations = Array(
      repeating: LogicalOperation(.memoryBound, flops: 0, bytes: 40), count: 4)
    #expect(nanoseconds(operations, on: Self.device()) == 2)
  }

  @Test func chargeCountsArithmeticBytesAndTrainingExamples() {
    let operations = [
      LogicalOperation(.denseConvolution, flops: 7, bytes: 11),
      LogicalOperation(.memoryBound, flops: 13, bytes: 17),
    ]
    let charge = Self.device(launch: 1).charge(
      for: operations, examples: 32, trainingExamples: 16)
    // 2 launches; max(0.007, 0.11) + 0.17 ns round away.
    #expect(
      charge
        == Charge(flops: 20, bytes: 28, referenceNanoseconds: 2000, trainingExamples: 16))
  }

  @Test func aProfileSurvivesItsRoundTrip() throws {
    let device = Self.device(launch: 2, input: 3)
    let data = try JSONEncoder().encode(device)
    #expect(try JSONDecoder().decode(DeviceProfile.self, from: data) == device)
  }
}
