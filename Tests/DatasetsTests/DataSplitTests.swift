import Datasets
import Randomness
import Testing

@Suite struct DataSplitTests {
  private let key = RandomKey(seed: 3)

  @Test(arguments: [(50_000, 5_000), (50_000, 25_000), (8_000, 2_000), (2, 1)])
  func partsAreDisjointAndCoverAllImages(_ count: Int, _ validation: Int) throws {
    let split = try DataSplit.make(
      trainingCount: count, validationCount: validation, key: key)
    #expect(split.validation.count == validation)
    #expect((split.training + split.validation).sorted() == Array(0..<count))
  }

  @Test func sameKeyGivesTheSameSplit() throws {
    func make(_ seed: UInt64) throws -> DataSplit {
      try DataSplit.make(
        trainingCount: 1000, validationCount: 100, key: RandomKey(seed: seed))
    }
    #expect(try make(1) == make(1))
    #expect(try make(1) != make(2))
  }

  @Test func limitKeepsASubset() throws {
    let whole = try DataSplit.make(trainingCount: 1000, validationCount: 100, key: key)
    let part = try DataSplit.make(
      trainingCount: 1000, validationCount: 100,
      limit: DataSplit.Limit(training: 50, validation: 20), key: key)
    #expect(part.training.count == 50)
    #expect(part.validation.count == 20)
    #expect(Set(part.training).isSubset(of: whole.training))
    #expect(Set(part.validation).isSubset(of: whole.validation))
  }

  @Test func impossibleCountsAreRefused() {
    let all = #expect(throws: DatasetError.self) {
      try DataSplit.make(trainingCount: 10, validationCount: 10, key: key)
    }
    #expect(
      all?.description
        == "validation images: found 10, expected from 1 to 9 (there are 10 training images)")
    let limit = #expect(throws: DatasetError.self) {
      try DataSplit.make(
        trainingCount: 10, validationCount: 4, limit: DataSplit.Limit(training: 7), key: key)
    }
    #expect(limit?.description == "limit of training images: found 7, expected from 1 to 6")
  }
}
