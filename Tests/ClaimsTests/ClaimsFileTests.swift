import Claims
import Foundation
import Randomness
import SearchCore
import Statistics
import TestSupport
import Testing

@Suite struct ClaimsFileTests {
  static let header =
    "id,subject,method,network,space,dataset,metric,value,spread,runs,statistic,searches,protocol,"
    + "parameters,cost,gpu,source,status,unverified,errata,level,check,margin,expected,reason\n"
  static let row =
    "a/b,method,random-search,,s,d,test-accuracy,93.7,0.36,500,mean,4,\"table, 10 trials\",3.3,0.5,"
    + "P100,p,quoted,cost spread,an error,replay,x=1,0.1,cannot-tell,too few\n"

  @Test func trackedFileLoads() throws {
    let file = SharedFolder.repository.appending(path: "Benchmarks/claims/nas-bench-201.csv")
    let results = try ClaimsFile.load(file)
    let search = try #require(results.first { $0.id == "nas-bench-201/random-search/test" })
    #expect(search.value == 93.7)
    #expect(search.spread == 0.36)
    #expect(search.runs == 500)
    #expect(search.status == .quoted)
    #expect(results.filter(\.isReference).count == 4)
  }

  @Test func everyColumnIsRead() throws {
    let claims = try ClaimsFile.parse(Self.header + Self.row, file: "claims.csv")
    let claim = try #require(claims.first)
    #expect(claim.subject == .method && claim.method == "random-search" && claim.network == nil)
    #expect(claim.statistic == .mean && claim.searches == 4 && claim.runs == 500)
    #expect(claim.parameters == "3.3" && claim.cost == "0.5" && claim.gpu == "P100")
    #expect(claim.unverified == [.cost, .spread] && claim.errata == "an error")
    #expect(claim.level == .replay && claim.check == "x=1" && claim.margin == 0.1)
    #expect(claim.expected == .cannotTell && claim.reason == "too few")
    #expect(claim.file == "claims.csv" && claim.line == 2)
  }

  @Test func quotedFieldsKeepTheirCommas() throws {
    let results = try ClaimsFile.parse(Self.header + Self.row, file: "claims.csv")
    #expect(results.first?.measuredUnder == "table, 10 trials")
  }

  /// Mutated files are read or refused with a line, and never crash the reader.
  @Test func mutatedFilesNeverCrash() {
    let good = Array((Self.header + Self.row).utf8)
    let count = Mutator.fuzz([good], key: RandomKey(seed: 16)) { bytes in
      _ = try ClaimsFile.parse(String(decoding: bytes, as: UTF8.self), file: "claims.csv")
    }
    #expect(count > 20)
  }

  @Test(arguments: Edit.allCases)
  func everySavingIsReadTheSame(edit: Edit) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "claims-\(UUID()).csv")
    defer { try? FileManager.default.removeItem(at: file) }
    let text = Self.header + Self.row + "\n" + Self.row.replacing("a/b", with: "a/c")
    try Data(edit(text).utf8).write(to: file)
    let plain = try ClaimsFile.parse(text, file: file.lastPathComponent)
    #expect(plain.count == 2)
    #expect(try ClaimsFile.load(file) == plain)
  }

  @Test func missingFileIsSaid() {
    let error = #expect(throws: ClaimsError.self) {
      try ClaimsFile.load(URL(filePath: "/nowhere/claims.csv"))
    }
    #expect(
      error?.description == "claims.csv: cannot be read (no such file); "
        + "give the path of a CSV file of published results")
  }

}

@Suite struct PublishedDifferenceTests {
  static func result(method: String?, measuredUnder: String, runs: Int? = 100) -> PublishedResult {
    PublishedResult(
      id: "x", method: method, space: "nas-bench-201", dataset: "cifar10", metric: .testAccuracy,
      value: 94, spread: 0.3, runs: runs, measuredUnder: measuredUnder, source: "p",
      status: .quoted)
  }

  // By hand: ours 0.06 and 0.08, standard error 0.01; published 0.003 / √100 = 0.0003.
  @Test func standardErrorHoldsBothSpreads() throws {
    let ours = Sample([0.06, 0.08])
    let row = try #require(
      PublishedDifference(Self.result(method: "a", measuredUnder: "t"), ours: ours))
    #expect((row.difference - 0.01).magnitude < 1e-12)
    let expected = (0.01 * 0.01 + 0.0003 * 0.0003).squareRoot()
    #expect((try #require(row.standardError) - expected).magnitude < 1e-12)
  }

  @Test func unknownSpreadGivesNoStandardError() throws {
    let published = Self.result(method: "a", measuredUnder: "t", runs: nil)
    #expect(PublishedDifference(published, ours: Sample([0.1, 0.2]))?.standardError == nil)
    #expect(PublishedDifference(published, ours: Sample([])) == nil)
  }

  @Test func onlyTheSameProtocolMatches() {
    let same = Self.result(
      method: "reinforce", measuredUnder: "table, 12000 reference-gpu-seconds")
    let reference = Self.result(method: nil, measuredUnder: "reference: best cell")
    func matches(_ evaluator: String, _ seconds: Double) -> [PublishedResult] {
      PublishedResult.matching(
        [same, reference], space: "nas-bench-201", dataset: "cifar10", evaluator: evaluator,
        looksUp: evaluator == "table", searchBudget: Budget(seconds, .referenceGPUSeconds))
    }
    #expect(matches("table", 12_000) == [same, reference])
    #expect(matches("table", 6_000) == [reference])
    #expect(matches("training", 12_000).isEmpty)
  }
}
