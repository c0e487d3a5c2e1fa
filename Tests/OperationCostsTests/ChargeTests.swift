import Foundation
import OperationCosts
import Testing

@Suite struct ChargeTests {
  static let small = Charge(
    flops: 3, bytes: 5, referenceNanoseconds: 7, trainingExamples: 11)
  /// Beyond 2⁵³, where a sum of floating-point numbers would lose the small ones.
  static let large = Charge(
    flops: 1 << 60, bytes: 1 << 59, referenceNanoseconds: 1 << 58, trainingExamples: 1 << 57)

  @Test func sumsAreExactInAnyOrder() {
    let expected = Charge(
      flops: (1 << 60) + 6, bytes: (1 << 59) + 10, referenceNanoseconds: (1 << 58) + 14,
      trainingExamples: (1 << 57) + 22)
    #expect(Self.large + Self.small + Self.small == expected)
    #expect(Self.small + (Self.small + Self.large) == expected)
  }

  @Test func addingInPlaceEqualsAdding() {
    var sum = Charge.zero
    sum += Self.small
    sum += Self.large
    #expect(sum == Self.small + Self.large)
  }

  @Test func aMultipleEqualsTheRepeatedSum() {
    #expect(Self.small * 3 == Self.small + Self.small + Self.small)
    #expect(Self.small * 0 == .zero)
  }

  @Test func timeWithoutArithmeticHasUnknownFlops() {
    #expect(Charge(referenceNanoseconds: 1).knownFlops == nil)
    #expect(Charge(flops: 2, referenceNanoseconds: 1).knownFlops == 2)
    #expect(Charge.zero.knownFlops == 0)
  }

  @Test(arguments: [
    (Charge(flops: 7, bytes: 1, referenceNanoseconds: 2, trainingExamples: 3), "7"),
    // The 22,400 GPU-days of arXiv 1611.01578 at 4.29 TFLOP/s are 8.3e21 operations.
    (Charge(flops: 8_302_694_400_000_000_000_000), "\"8302694400000000000000\""),
  ])
  func amountsOfAnySizeSurviveJSON(charge: Charge, flops: String) throws {
    let data = try JSONEncoder().encode(charge)
    #expect(String(decoding: data, as: UTF8.self).contains("\"flops\":\(flops)"))
    #expect(try JSONDecoder().decode(Charge.self, from: data) == charge)
  }

  @Test(arguments: [
    "-1", "1.5", "\"x\"", "\"-3\"", "1e30", "\"2000000000000000000000000000\"", "null",
  ])
  func whatIsNoAmountIsRefused(flops: String) {
    let text =
      "{\"flops\":\(flops),\"bytes\":0,\"referenceNanoseconds\":0,\"trainingExamples\":0}"
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Charge.self, from: Data(text.utf8))
    }
  }
}
