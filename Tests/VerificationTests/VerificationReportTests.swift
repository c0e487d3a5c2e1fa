import Claims
import Foundation
import Testing
import Verification

/// What others read of a report, against their formats' rules.
@Suite struct VerificationReportTests {
  private static func item(
    _ id: String, _ verdict: Verdict, _ reason: String, expected: Verdict? = nil,
    isBetter: Bool = false
  ) -> VerificationReport.Item {
    var claim = PublishedResult(
      id: id, method: nil, space: "", dataset: "d", metric: .parameters, value: 1, spread: nil,
      runs: nil, measuredUnder: "p", source: "s", status: .verified)
    (claim.level, claim.file, claim.line) = (.architecture, "a,b.csv", 7)
    (claim.expected, claim.reason) = (expected, expected.map { _ in "known" })
    var judgement = Judgement(verdict, reason)
    judgement.isBetter = isBetter
    return .init(claim: claim, judgement: judgement, seconds: 1.5)
  }

  /// One of each kind.
  private static let report = VerificationReport([
    item("a", .reproduced, "fine"), item("b", .reproduced, "finer", isBetter: true),
    item("c<d", .notReproduced, "10 % & \"more\""), item("e", .cannotTell, "few\nruns"),
    item("f", .notMeasured, "no file"), item("g", .notReproduced, "far", expected: .notReproduced),
    item("h", .reproduced, "near", expected: .notReproduced),
  ])

  private static func object(_ data: Data) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  // MARK: What counts

  @Test func expectedVerdictsCountAsReproducedAndDeviationsFail() {
    let counted = Self.report.items.map(\.counted)
    #expect(
      counted == [
        .reproduced, .reproduced, .notReproduced, .cannotTell, .notMeasured, .reproduced,
        .notReproduced,
      ])
    #expect(
      Self.report.summary
        == "7 claims: 3 as expected, 2 not reproduced, 1 cannot tell, 1 not measured")
    #expect(Self.report.items[6].message.contains("expected was not reproduced (known)"))
  }

  /// A claim that could not be measured is not measured, whatever was expected of it.
  @Test func whatIsNotMeasuredDoesNotDeviate() {
    let item = Self.item("a", .notMeasured, "no file", expected: .cannotTell)
    #expect(!item.deviates && item.counted == .notMeasured)
  }

  @Test(
    arguments: [
      ([0], 0), ([0, 4], 3), ([0, 4, 3], 2), ([0, 4, 3, 2], 1), ([5], 0), ([6], 1), ([], 0),
    ] as [([Int], Int32)])
  func theWorstDecidesTheExitCode(chosen: [Int], code: Int32) {
    #expect(VerificationReport(chosen.map { Self.report.items[$0] }).exitCode == code)
  }

  // MARK: JSON

  @Test func jsonHasNoTimes() throws {
    let text = String(decoding: try Self.report.json(), as: UTF8.self)
    #expect(!text.contains("seconds") && !text.contains("1.5"))
    let claims = try #require(try Self.object(Self.report.json())["claims"] as? [[String: Any]])
    #expect(claims.map { $0["verdict"] as? String }.count == 7)
    #expect(claims[5]["asExpected"] as? Bool == true)
    #expect(claims[6]["asExpected"] as? Bool == false)
  }

  /// Rules of SARIF 2.1.0's schema: which kinds and levels there are, and that a kind other than
  /// `fail` has level `none` (section 3.27.10).
  @Test func sarifHasOneResultAClaim() throws {
    let root = try Self.object(Self.report.sarif(version: "1", folder: "Benchmarks/claims"))
    #expect(root["version"] as? String == "2.1.0")
    let run = try #require((root["runs"] as? [[String: Any]])?.first)
    let results = try #require(run["results"] as? [[String: Any]])
    let kinds = results.map { "\($0["kind"] ?? "")/\($0["level"] ?? "")" }
    #expect(
      kinds == [
        "pass/none", "informational/none", "fail/error", "open/none", "notApplicable/none",
        "pass/none", "fail/error",
      ])
    let driver = (run["tool"] as? [String: Any])?["driver"] as? [String: Any]
    let rules = Set((driver?["rules"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String })
    for result in results {
      #expect(rules.contains(result["ruleId"] as? String ?? ""))
      let place = (result["locations"] as? [[String: Any]])?.first?["physicalLocation"]
      let region = (place as? [String: Any])?["region"] as? [String: Any]
      #expect(region?["startLine"] as? Int == 7)
    }
  }

  /// in-toto's predicate: the three results, and lists of names without what was not measured.
  @Test func inTotoListsWhatWasTested() throws {
    let digest = String(repeating: "a", count: 64)
    let root = try Self.object(
      Self.report.inToto(subjects: [("searchlight", digest)], configuration: [("c.csv", digest)]))
    #expect(root["_type"] as? String == "https://in-toto.io/Statement/v1")
    let predicate = try #require(root["predicate"] as? [String: Any])
    #expect(predicate["result"] as? String == "FAILED")
    #expect(predicate["passedTests"] as? [String] == ["a", "b", "g"])
    #expect(predicate["warnedTests"] as? [String] == ["e"])
    #expect(predicate["failedTests"] as? [String] == ["c<d", "h"])
    let subject = (root["subject"] as? [[String: Any]])?.first?["digest"] as? [String: String]
    #expect(subject == ["sha256": digest])
  }

  @Test func badgesAreShieldsEndpoints() throws {
    let badge = try Self.object(Self.report.badge())
    #expect(badge["schemaVersion"] as? Int == 1)
    #expect(badge["color"] as? String == "red")
    #expect(badge["message"] as? String == "3 of 7 as expected")
  }

  // MARK: Text

  @Test func junitCountsAndEscapes() throws {
    let text = Self.report.junit()
    #expect(
      text.contains(
        "<testsuite name=\"architecture\" tests=\"7\" failures=\"2\" errors=\"0\" skipped=\"2\" "
          + "time=\"10.500\">"))
    #expect(text.contains("name=\"c&lt;d\" time=\"1.500\""))
    #expect(text.contains("10 % &amp; &quot;more&quot;"))
    let parser = XMLReader(text)
    #expect(parser.isWellFormed)
    #expect(
      parser.counts == [
        "testsuites": 1, "testsuite": 1, "testcase": 7, "failure": 2,
        "skipped": 2,
      ])
    #expect(Self.report.junit(isStrict: true).contains("failures=\"3\""))
  }

  /// GitHub's escapes: data %, CR and LF; properties : and , too.
  @Test func gitHubCommandsAreEscaped() {
    let lines = Self.report.gitHubCommands(folder: "c")
    #expect(
      lines == [
        "::error file=c/a%2Cb.csv,line=7,title=c<d::not reproduced: 10 %25 & \"more\"",
        "::warning file=c/a%2Cb.csv,line=7,title=e::cannot tell: few%0Aruns",
        "::notice file=c/a%2Cb.csv,line=7,title=f::not measured: no file",
        "::error file=c/a%2Cb.csv,line=7,title=h::reproduced: near; expected was not reproduced "
          + "(known), so the claim's entry is to be mended",
      ])
  }

  @Test func theSummaryBeginsWithTheWorst() {
    let rows = Self.report.markdown.split(separator: "\n").filter { $0.hasPrefix("| ") }
    #expect(rows.dropFirst().first?.contains("c<d") == true)
    #expect(rows.count == 8)
  }

  // MARK: Baseline

  @Test func aBaselineFindsWhatIsWorse() throws {
    let before = VerificationReport([
      Self.item("a", .reproduced, ""), Self.item("e", .reproduced, ""),
      Self.item("f", .cannotTell, ""),
    ])
    let baseline = try VerificationBaseline(json: before.json())
    #expect(
      baseline.regressions(in: Self.report) == ["e: was reproduced, is cannot tell"])
    #expect(try VerificationBaseline(json: Self.report.json()).regressions(in: Self.report).isEmpty)
  }

  @Test func aFurtherExcessIsARegression() throws {
    func report(_ excess: Double) -> VerificationReport {
      let item = Self.item("a", .reproduced, "")
      var judgement = item.judgement
      judgement.excess = excess
      return VerificationReport([.init(claim: item.claim, judgement: judgement, seconds: 0)])
    }
    let baseline = try VerificationBaseline(json: report(0.1).json())
    #expect(baseline.regressions(in: report(0.2)) == ["a: was worse by 0.1, is worse by 0.2"])
    #expect(baseline.regressions(in: report(0.05)).isEmpty)
    #expect(throws: CheckFailure.self) { try VerificationBaseline(json: Data("[]".utf8)) }
  }
}

/// Elements of an XML text, and whether its tags match.
private struct XMLReader {
  var counts: [String: Int] = [:]
  var isWellFormed = true

  init(_ text: String) {
    var open: [Substring] = []
    for match in text.matches(of: /<(\/?)([a-z]+)((?:\s+[a-z]+="[^"<]*")*)\s*(\/?)>/) {
      let name = match.2
      if match.1.isEmpty {
        counts[String(name), default: 0] += 1
        if match.4.isEmpty { open.append(name) }
      } else if open.popLast() != name {
        isWellFormed = false
      }
    }
    let rest = text.replacing(/<[^>]*>/, with: "")
    isWellFormed = isWellFormed && open.isEmpty && !rest.contains("<") && !rest.contains(">")
  }
}
