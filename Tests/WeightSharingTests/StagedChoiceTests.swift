import TensorCore
import Testing
import WeightSharing

/// The choice of random search with weight sharing, followed by hand.
@Suite struct StagedChoiceTests {
  /// Wrong answers of ten images: by candidate, then by minibatch.
  private static let wrong = [
    [5, 5, 0], [2, 6, 4], [9, 1, 0], [3, 3, 9], [4, 4, 4],
    // The second round.
    [9, 9, 9], [1, 1, 9], [9, 9, 9], [2, 2, 3], [0, 7, 0],
  ]

  private func choice(rounds: Int = 1) -> StagedChoice {
    StagedChoice(
      by: .error, candidates: 5, batches: 2, finalists: 3, rounds: rounds, allBatches: 3)
  }

  /// Scores what is next until the choice is made, or some looks have been had.
  ///
  /// - Returns: What was looked at.
  private func run(_ choice: inout StagedChoice, looks: Int = .max) -> [[Int]] {
    var seen: [[Int]] = []
    while seen.count < looks, let next = choice.next {
      seen.append([next.candidate, next.batch])
      choice.take(
        BatchScore(loss: 0, wrong: Self.wrong[next.candidate][next.batch], count: 10))
    }
    return seen
  }

  /// 10, 8, 10, 6 and 8 of twenty are wrong: candidates 3, 1 and 4 go on, the earlier of equals
  /// first. Of all thirty images 15, 12 and 12 are wrong there.
  @Test func theBestOfTheBestAreScoredOnAllAndTheBestIsKept() {
    var choice = choice()
    let first = (0..<5).flatMap { [[$0, 0], [$0, 1]] }
    let second = [3, 1, 4].flatMap { candidate in (0..<3).map { [candidate, $0] } }
    #expect(run(&choice) == first + second)
    #expect(choice.best.map { [$0.candidate, $0.sum.wrong, $0.sum.count] } == [1, 12, 30])
    #expect(choice.best?.sum.value(.error) == 0.4)
  }

  /// Of the second round's candidates 6, 8 and 9 go on, with 11, 7 and 7 of thirty.
  @Test func theBestOfAllRoundsIsKept() {
    var choice = choice(rounds: 2)
    let seen = run(&choice)
    #expect(seen.count == 2 * (10 + 9))
    #expect(seen.suffix(9).map { $0[0] } == [6, 6, 6, 8, 8, 8, 9, 9, 9])
    #expect(choice.best.map { [$0.candidate, $0.sum.wrong, $0.sum.count] } == [8, 7, 30])
  }

  /// Where the budget ends: the best of what was scored last, and the finalists before candidates.
  @Test(arguments: [(3, 1), (10, 3), (13, 3), (18, 1)])
  func anEarlyEndKeepsTheBestSoFar(looks: Int, expected: Int) {
    var choice = choice()
    _ = run(&choice, looks: looks)
    choice.stop()
    #expect(choice.next == nil)
    #expect(choice.best?.candidate == expected)
  }
}
