import Checks
import Testing

@Suite struct CheckTests {
  @Test func whatHoldsPasses() {
    check(true, "never said")
    #expect(require(3, "never said") == 3)
  }

  /// A release build says it too, unlike for a plain `precondition`.
  @Test func aBugIsSaidAndStopsTheProgram() async throws {
    let checked = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        check(1 > 2, "one is not above two")
      })
    #expect(
      String(decoding: checked.standardErrorContent, as: UTF8.self).contains(
        "Fatal error: one is not above two"))
    let required = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = require(Int("x"), "x is no number")
      })
    #expect(
      String(decoding: required.standardErrorContent, as: UTF8.self).contains(
        "Fatal error: x is no number"))
  }
}
