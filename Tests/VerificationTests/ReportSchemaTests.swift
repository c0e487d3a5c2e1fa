import Claims
import Foundation
import Testing
import Verification

/// Reports against the schemas of their formats, as far as reports use them: names, which of them
/// must be there, kinds of values and lists of words, written down from the schemas themselves.
@Suite struct ReportSchemaTests {
  private static func item(_ id: String, _ verdict: Verdict, isBetter: Bool = false)
    -> VerificationReport.Item
  {
    var claim = PublishedResult(
      id: id, method: nil, space: "", dataset: "d", metric: .parameters, value: 1, spread: nil,
      runs: nil, measuredUnder: "p", source: "s", status: .verified)
    (claim.level, claim.file, claim.line) = (.architecture, "a.csv", 7)
    var judgement = Judgement(verdict, "because of \"<&>\"")
    judgement.isBetter = isBetter
    return .init(claim: claim, judgement: judgement, seconds: 0.25)
  }

  /// One of each kind, none at all, and one kind each.
  private static let reports =
    [VerificationReport([])] + [
      VerificationReport(
        [item("b", .reproduced, isBetter: true)]
          + Verdict.allCases.map { item($0.rawValue, $0) })
    ] + Verdict.allCases.map { VerificationReport([item("a", $0)]) }

  private static let digest = String(repeating: "0a", count: 32)

  // MARK: SARIF

  /// OASIS, sarif-schema-2.1.0.json; of `region` and `physicalLocation` the variants that name a
  /// file and a line.
  private static let sarif = Shape.object(
    required: [
      "version": .oneOf(["2.1.0"]),
      "runs": .list(
        .object(
          required: [
            "tool": .object(
              required: [
                "driver": .object(
                  required: ["name": .text],
                  optional: [
                    "version": .text,
                    "rules": .list(
                      .object(required: ["id": .text], optional: ["shortDescription": message])),
                  ])
              ], optional: [:])
          ],
          optional: [
            "invocations": .list(
              .object(
                required: ["executionSuccessful": .flag],
                optional: [
                  "exitCode": .whole,
                  "toolExecutionNotifications": .list(
                    .object(required: ["message": message], optional: ["level": level])),
                ])),
            "results": .list(result),
          ])),
    ], optional: ["$schema": .text])

  private static let level = Shape.oneOf(["none", "note", "warning", "error"])

  private static let message = Shape.object(required: ["text": .text], optional: [:])

  private static let result = Shape.object(
    required: ["message": message],
    optional: [
      "ruleId": .text,
      "kind": .oneOf(["notApplicable", "pass", "fail", "review", "open", "informational"]),
      "level": level,
      "partialFingerprints": .dictionary(.text),
      "locations": .list(
        .object(
          required: [:],
          optional: [
            "physicalLocation": .object(
              required: ["artifactLocation": .object(required: [:], optional: ["uri": .text])],
              optional: [
                "region": .object(required: ["startLine": .position], optional: [:])
              ])
          ])),
    ])

  @Test(arguments: reports.indices) func sarifFits(index: Int) throws {
    let text = try Self.reports[index].sarif(version: "1", folder: "Benchmarks/claims")
    #expect(try Self.sarif.problems(in: text) == [])
  }

  // MARK: in-toto

  /// in-toto attestation framework, Statement v1, ResourceDescriptor v1 and test-result v0.1.
  private static let statement = Shape.object(
    required: [
      "_type": .oneOf(["https://in-toto.io/Statement/v1"]), "subject": .list(descriptor),
      "predicateType": .oneOf(["https://in-toto.io/attestation/test-result/v0.1"]),
      "predicate": .object(
        required: [
          "result": .oneOf(["PASSED", "WARNED", "FAILED"]), "configuration": .list(descriptor),
        ],
        optional: [
          "url": .text, "passedTests": .list(.text), "warnedTests": .list(.text),
          "failedTests": .list(.text),
        ]),
    ], optional: [:])

  private static let descriptor = Shape.object(
    required: ["digest": .object(required: ["sha256": .sha256], optional: [:])],
    optional: ["name": .text, "uri": .text])

  @Test(arguments: reports.indices) func inTotoFits(index: Int) throws {
    let text = try Self.reports[index].inToto(
      subjects: [("searchlight", Self.digest)], configuration: [("c.csv", Self.digest)])
    #expect(try Self.statement.problems(in: text) == [])
  }

  // MARK: Badge

  /// shields.io, endpoint badge.
  private static let badge = Shape.object(
    required: ["schemaVersion": .position, "label": .text, "message": .text],
    optional: [
      "color": .oneOf(["brightgreen", "red", "yellow", "lightgrey"]), "isError": .flag,
    ])

  @Test(arguments: reports.indices) func badgeFits(index: Int) throws {
    #expect(try Self.badge.problems(in: Self.reports[index].badge()) == [])
  }

  // MARK: JUnit

  /// An element of Jenkins' junit-10.xsd: attributes, those it must have, and what may be inside.
  private struct Element {
    var required: Set<String>
    var optional: Set<String> = []
    var parents: Set<String>
  }

  private static let elements = [
    "testsuites": Element(
      required: [], optional: ["name", "time", "tests", "failures", "errors", "disabled"],
      parents: [""]),
    "testsuite": Element(
      required: ["name", "tests", "failures", "errors"], optional: ["skipped", "time"],
      parents: ["testsuites"]),
    "testcase": Element(
      required: ["name"], optional: ["classname", "time"], parents: ["testsuite"]),
    "failure": Element(required: [], optional: ["message", "type"], parents: ["testcase"]),
    "error": Element(required: [], optional: ["message", "type"], parents: ["testcase"]),
    "skipped": Element(required: [], optional: ["message", "type"], parents: ["testcase"]),
  ]

  /// What is wrong with an XML text.
  private static func problems(xml text: String) -> [String] {
    var problems: [String] = []
    var open: [String] = []
    for tag in text.matches(of: /<(\/?)([a-z]+)((?:\s+[a-z]+="[^"<]*")*)\s*(\/?)>/) {
      let name = String(tag.2)
      if !tag.1.isEmpty {
        if open.popLast() != name { problems.append("\(name) closes nothing") }
        continue
      }
      guard let element = elements[name] else {
        problems.append("\(name) is unknown")
        continue
      }
      let attributes = tag.3.matches(of: /([a-z]+)="([^"]*)"/).map { (String($0.1), $0.2) }
      let names = Set(attributes.map(\.0))
      if !names.isSuperset(of: element.required) || names.count < attributes.count
        || !names.isSubset(of: element.required.union(element.optional))
        || !element.parents.contains(open.last ?? "")
      {
        problems.append("\(name) has \(names.sorted()) in \(open.last ?? "nothing")")
      }
      for (name, value) in attributes {
        // SUREFIRE_TIME, and whole numbers.
        let isNumber = value.wholeMatch(of: /[0-9]+(\.[0-9]{0,3})?/) != nil
        if ["time", "tests", "failures", "errors", "skipped"].contains(name), !isNumber {
          problems.append("\(name) is \(value)")
        }
      }
      if tag.4.isEmpty { open.append(name) }
    }
    return problems + open.map { "\($0) is not closed" }
  }

  @Test(arguments: reports.indices, [false, true]) func junitFits(index: Int, isStrict: Bool) {
    #expect(Self.problems(xml: Self.reports[index].junit(isStrict: isStrict)) == [])
  }

  // MARK: No report

  @Test func faultsFit() throws {
    let fault = "a.csv:1: \"<&>\""
    #expect(Self.problems(xml: VerificationReport.junit(fault: fault)) == [])
    #expect(
      try Self.sarif.problems(in: VerificationReport.sarif(fault: fault, version: "1")) == [])
    #expect(try Self.badge.problems(in: VerificationReport.badgeOfFault()) == [])
  }

  // MARK: The checks themselves

  @Test func whatDoesNotFitIsFound() throws {
    let good = String(
      decoding: try Self.reports[1].sarif(version: "1", folder: "c"), as: UTF8.self)
    for (text, problem) in [
      (
        good.replacing("\"pass\"", with: "\"passed\""),
        ".runs[0].results[1].kind is text(\"passed\")"
      ),
      (good.replacing("startLine\" : 7", with: "startLine\" : 0"), "startLine is whole(0)"),
      (good.replacing("\"runs\"", with: "\"run\""), ".runs is missing"),
      (
        good.replacing("executionSuccessful\" : true", with: "x\" : 1"),
        "invocations[0].x is unknown"
      ),
    ] {
      #expect(text != good)
      #expect(
        try Self.sarif.problems(in: Data(text.utf8)).contains { $0.hasSuffix(problem) },
        "\(problem)")
    }
    let junit = Self.reports[1].junit()
    for broken in [
      junit.replacing("</testsuite>", with: ""), junit.replacing("errors=\"0\" ", with: ""),
      junit.replacing("<skipped", with: "<skip"),
      junit.replacing("time=\"0.250\"", with: "time=\"x\""),
    ] {
      #expect(broken != junit && Self.problems(xml: broken) != [])
    }
  }
}
