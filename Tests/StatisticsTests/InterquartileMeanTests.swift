import Randomness
import Statistics
import Testing

@Suite struct InterquartileMeanTests {
  let bootstrap = Bootstrap(key: RandomKey(seed: 5), resamples: 999)

  @Test(arguments: ResamplingGolden.cases.of("interquartile"))
  func trimmedMeanMatchesSciPy(_ row: Golden) throws {
    let value = try #require(InterquartileMean.value(Sample(row.first)))
    #expect(Golden.agree(value, row.expected[0]))
  }

  @Test func tasksAreTakenTogether() {
    let tasks = [Sample([0, 1]), Sample([2, 100, 3, 5, 4, -7])]
    #expect(InterquartileMean.value(overTasks: tasks) == 2.5)
    #expect(InterquartileMean.value(overTasks: []) == nil)
    #expect(InterquartileMean.value(Sample([1, .nan])) == nil)
  }

  @Test func runsStayWithinTheirTasks() throws {
    // Runs of a task are equal: only draws across tasks could move the mean.
    let tasks = [1.0, 2, 4, 8].map { Sample([$0, $0, $0]) }
    let interval = try #require(InterquartileMean.interval(overTasks: tasks, bootstrap: bootstrap))
    #expect(interval == Interval(low: 3, high: 3))
  }

  @Test func intervalHoldsTheValueAndNarrowsWithRuns() throws {
    func tasks(_ runs: Int) -> [Sample] {
      (0..<4).map { task in
        var generator = RandomKey(seed: 9).child("task", task).generator()
        return Sample((0..<runs).map { _ in generator.normal() })
      }
    }
    let few = try #require(InterquartileMean.interval(overTasks: tasks(5), bootstrap: bootstrap))
    let many = try #require(InterquartileMean.interval(overTasks: tasks(80), bootstrap: bootstrap))
    let value = try #require(InterquartileMean.value(overTasks: tasks(80)))
    #expect(many.low < value && value < many.high)
    // Sixteen times the runs, a quarter of the width.
    let ratio = (few.high - few.low) / (many.high - many.low)
    #expect(ratio > 2.5 && ratio < 6)
  }

  // By hand: of nine pairs 3 > 1, 2; 2 > 1 and 2 = 2 counts half; 5 > 1, 2, 4.
  @Test func improvementIsAShareOfPairs() throws {
    let first = Sample([3, 2, 5])
    let second = Sample([1, 2, 4])
    let share = try #require(ProbabilityOfImprovement.a12(first, second))
    #expect(Golden.agree(share, 6.5 / 9))
    let mean = try #require(ProbabilityOfImprovement.mean([first, second], [second, second]))
    #expect(Golden.agree(mean, (6.5 / 9 + 0.5) / 2))
  }

  @Test func improvementIsUOverThePairs() throws {
    for row in RankTestGolden.cases.of("mannWhitney") {
      let share = try #require(ProbabilityOfImprovement.a12(Sample(row.first), Sample(row.second)))
      let pairs = Double(row.first.count * row.second.count)
      #expect(Golden.agree(share, row.expected[0] / pairs, floor: 1))
    }
  }

  @Test func nothingImprovesOnNothing() {
    #expect(ProbabilityOfImprovement.a12(Sample([]), Sample([1])) == nil)
    #expect(ProbabilityOfImprovement.a12(Sample([1]), Sample([.nan])) == nil)
    #expect(ProbabilityOfImprovement.mean([], []) == nil)
    #expect(ProbabilityOfImprovement.mean([Sample([1])], []) == nil)
    #expect(ProbabilityOfImprovement.mean([Sample([])], [Sample([1])]) == nil)
  }
}
