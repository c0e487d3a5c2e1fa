import Claims
import Foundation

/// The report in formats of others that are JSON.
extension VerificationReport {
  /// Our own format: one object a claim, without times.
  public func json() throws -> Data {
    try Self.encoded([
      "exitCode": Int(exitCode), "summary": summary,
      "claims": items.map { item in
        [
          "id": item.claim.id, "level": item.claim.level.rawValue,
          "verdict": item.judgement.verdict.rawValue,
          "expected": (item.claim.expected ?? .reproduced).rawValue,
          "asExpected": item.counted == .reproduced, "isBetter": item.judgement.isBetter,
          "reason": item.judgement.reason, "published": item.claim.value,
          "metric": item.claim.metric.rawValue,
          "margin": item.claim.margin ?? NSNull(), "excess": item.judgement.excess ?? NSNull(),
          "power": item.judgement.power ?? NSNull(),
          "runsNeeded": item.judgement.runsNeeded ?? NSNull(), "source": item.claim.source,
        ] as [String: Any]
      },
    ])
  }

  /// SARIF 2.1.0 (OASIS): one result a claim, at the claim's line.
  ///
  /// - Parameter folder: Where the claims' files are, below the repository's root.
  public func sarif(version: String, folder: String) throws -> Data {
    let levels = PublishedResult.Level.allCases.map { level in
      ["id": level.rawValue, "shortDescription": ["text": "published figures: \(level.rawValue)"]]
        as [String: Any]
    }
    let driver: [String: Any] = ["name": "searchlight", "version": version, "rules": levels]
    return try Self.sarif(
      driver: driver, invocation: ["executionSuccessful": true, "exitCode": Int(exitCode)],
      results: items.map { sarifResult($0, folder) })
  }

  /// A log of one run.
  static func sarif(
    driver: [String: Any], invocation: [String: Any], results: [[String: Any]]
  ) throws -> Data {
    let run: [String: Any] = [
      "tool": ["driver": driver], "invocations": [invocation], "results": results,
    ]
    return try encoded([
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
      "runs": [run],
    ])
  }

  private func sarifResult(_ item: Item, _ folder: String) -> [String: Any] {
    let (kind, level) =
      switch item.counted {
      case .reproduced: item.judgement.isBetter ? ("informational", "none") : ("pass", "none")
      case .notReproduced: ("fail", "error")
      case .cannotTell: ("open", "none")
      case .notMeasured: ("notApplicable", "none")
      }
    return [
      "ruleId": item.claim.level.rawValue, "kind": kind, "level": level,
      "message": ["text": "\(item.claim.id): \(item.message)"],
      "partialFingerprints": ["claim/v1": item.claim.id],
      "locations": [
        [
          "physicalLocation": [
            "artifactLocation": ["uri": "\(folder)/\(item.claim.file)"],
            "region": ["startLine": max(1, item.claim.line)],
          ]
        ]
      ],
    ]
  }

  /// An in-toto statement with the predicate test-result v0.1.
  ///
  /// - Parameters:
  ///   - subjects: Names and SHA-256 of the program and the claims' files.
  ///   - configuration: Name and SHA-256 of what decided the run.
  public func inToto(
    subjects: [(name: String, sha256: String)], configuration: [(name: String, sha256: String)]
  ) throws -> Data {
    func descriptors(_ list: [(name: String, sha256: String)]) -> [[String: Any]] {
      list.map { ["name": $0.name, "digest": ["sha256": $0.sha256]] }
    }
    func ids(_ verdict: Verdict) -> [String] {
      items.filter { $0.counted == verdict }.map(\.claim.id)
    }
    let result =
      count(.notReproduced) > 0 ? "FAILED" : count(.cannotTell) > 0 ? "WARNED" : "PASSED"
    let predicate: [String: Any] = [
      "result": result, "configuration": descriptors(configuration),
      "passedTests": ids(.reproduced), "warnedTests": ids(.cannotTell),
      "failedTests": ids(.notReproduced),
    ]
    return try Self.encoded([
      "_type": "https://in-toto.io/Statement/v1", "subject": descriptors(subjects),
      "predicateType": "https://in-toto.io/attestation/test-result/v0.1", "predicate": predicate,
    ])
  }

  /// The endpoint file of a shields.io badge.
  public func badge() throws -> Data {
    let color =
      switch exitCode {
      case 0: "brightgreen"
      case 1: "red"
      case 2: "yellow"
      default: "lightgrey"
      }
    return try Self.encoded([
      "schemaVersion": 1, "label": "published figures",
      "message": "\(count(.reproduced)) of \(items.count) as expected", "color": color,
    ])
  }

  static func encoded(_ value: [String: Any]) throws -> Data {
    var data = try JSONSerialization.data(
      withJSONObject: value, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    data.append(UInt8(ascii: "\n"))
    return data
  }
}
