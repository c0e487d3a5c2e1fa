import Foundation
import Testing

/// `searchlight claims` as it is typed.
@Suite(.enabled(if: ProgramRun.isThere)) struct ClaimsCommandTests {
  private func run(_ arguments: String...) throws -> ProgramRun.End {
    try ProgramRun(suite: .table)(["claims"] + arguments)
  }

  @Test func listsAreFiltered() throws {
    let end = try run("list", "--dataset", "cifar10", "--method", "pc-darts")
    #expect(end.code == 0, "\(end.errors)")
    let ids = end.output.split(separator: "\n").dropLast().compactMap {
      $0.split(separator: " ").first
    }
    #expect(
      ids.contains("pc-darts/pc-darts/cifar10-test-error")
        && ids.contains("pc-darts/pc-darts-four-searches/cifar10-test-error"))
    #expect(ids.allSatisfy { $0.contains("pc-darts") })
  }

  @Test func jsonHoldsTheEntries() throws {
    let end = try run("list", "--level", "checkpoint", "--json")
    let list = try JSONSerialization.jsonObject(with: Data(end.output.utf8)) as? [[String: Any]]
    #expect(list?.compactMap { $0["value"] as? Double } == [827, 737, 25])
  }

  @Test func aCellIsShownWithItsMethod() throws {
    let end = try run("show", "pc-darts/pc-darts/cifar10-test-error")
    #expect(end.code == 0, "\(end.errors)")
    #expect(end.output.contains("  figure      2.57 ± 0.07 %\n"))
    #expect(end.output.contains("this is a figure of one chosen architecture; of its method:\n"))
    #expect(
      end.output.contains(
        "  mean of one run  2.84, 95 % interval 2.41 to 3.27 "
          + "(pc-darts/pc-darts-four-searches/cifar10-test-error)\n"))
    #expect(end.output.contains("  best of 4 runs   2.56 expected, 95 % within "))
  }

  @Test func theNumberOfSearchesCanBeChosen() throws {
    let end = try run(
      "show", "pc-darts/pc-darts-four-searches/cifar10-test-error", "--best-of", "10")
    // 2.84 - 1.53875 * 0.27.
    #expect(end.output.contains("  best of 10 runs   2.42 expected"))
  }

  @Test func partsFromMemoryAreSaid() throws {
    let end = try run("show", "enas/enas-recurrent-cell/ptb-test-perplexity")
    #expect(end.output.contains("  status      quoted; from memory: cost\n"))
  }

  @Test(arguments: [
    (
      ["show", "pc-darts/pc-darts/cifar10-test-eror"],
      "searchlight: there is no published figure 'pc-darts/pc-darts/cifar10-test-eror'; did you "
        + "mean 'pc-darts/pc-darts/cifar10-test-error'?\n"
    ),
    (
      ["list", "--dataset", "svhnn"],
      "searchlight: no published figure passes; there are figures of "
    ),
  ])
  func mistakesGiveOneLine(arguments: [String], message: String) throws {
    let end = try ProgramRun(suite: .table)(["claims"] + arguments)
    #expect(end.code == 1 && end.output.isEmpty)
    #expect(end.errors.hasPrefix(message), "\(end.errors)")
  }
}
