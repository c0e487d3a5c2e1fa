import Foundation
import Reports
import ResultsStore
import Testing

@Suite struct ResultTablesTests {
  static func file(_ name: String, _ results: SuiteResults) throws -> String {
    let files = try ReportWriter(results: results, published: [], baseline: "random-search").files()
    let data = try #require(files.first { $0.name == name }?.data)
    return String(decoding: data, as: UTF8.self)
  }

  @Test func csvHasARowForEveryRunAndEveryMissingOne() throws {
    let lines = try Self.file("results.csv", SampleResults.troubled).split(separator: "\n")
    // Two studies: five methods of three seeds, and three methods of three seeds.
    #expect(lines.count == 1 + 15 + 9)
    #expect(lines.count { $0.contains(",missing,") } == 8 + 9)
    #expect(lines.contains { $0.contains(",out-of-memory,classification-error,,,,,3,,") })
  }

  @Test func csvQuotesWhatNeedsIt() throws {
    var results = SampleResults.training
    results.studies[0].runs[0].selectedArchitecture = "a,\"b\""
    let text = try Self.file("results.csv", results)
    #expect(text.contains(",\"a,\"\"b\"\"\"\n"))
  }

  @Test func jsonKeepsTheUnknownAsNull() throws {
    let text = try Self.file("results.json", SampleResults.table)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let studies = try #require(object["studies"] as? [[String: Any]])
    let methods = try #require(studies.first?["methods"] as? [[String: Any]])
    #expect(methods.count == 3)
    let runs = try #require(methods.first?["runs"] as? [[String: Any]])
    #expect(runs.count == 500)
    #expect(runs.first?["validation"] is NSNull)
    #expect(runs.first?["test"] is Double)
  }

  @Test func latexIsBooktabsAndEscaped() throws {
    let text = try Self.file("results.tex", SampleResults.troubled)
    #expect(text.contains("\\toprule"))
    #expect(text.contains("\\midrule"))
    #expect(text.contains("\\bottomrule"))
    #expect(text.contains("troubled \\& \\textless{}odd\\textgreater{} 100\\% "))
    #expect(text.contains("\\textbackslash{}suite\\_name"))
    #expect(text.contains("random-search & 1 of 3 & "))
    #expect(text.contains("modelled for GTX 1080 Ti; no held-out error is known."))
  }

  @Test(arguments: [
    ("50 %", "50 \\%"), ("a_b", "a\\_b"), ("−1.5", "$-$1.5"), ("[1, 2]", "{[}1, 2{]}"),
    ("12\u{202F}000", "12\\,000"), ("x^2~y", "x\\textasciicircum{}2\\textasciitilde{}y"),
  ])
  func specialCharactersStandForThemselves(_ text: String, _ escaped: String) {
    #expect(ResultTables.escaped(text) == escaped)
  }
}
