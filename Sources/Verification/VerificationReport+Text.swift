import Claims
import Foundation

/// The report as JUnit XML, and in the words of GitHub's log and step summary.
extension VerificationReport {
  /// JUnit XML as Jenkins and GitLab read it: a suite a level, a case a claim.
  ///
  /// All that matters stands in the case's name and the failure's text, the two that every reader
  /// shows.
  ///
  /// - Parameter isStrict: Whether *cannot tell* is a failure rather than skipped.
  public func junit(isStrict: Bool = false) -> String {
    func isFailure(_ item: Item) -> Bool {
      item.counted == .notReproduced || isStrict && item.counted == .cannotTell
    }
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites name=\"searchlight\">"]
    for level in PublishedResult.Level.allCases {
      let cases = items.filter { $0.claim.level == level }
      if cases.isEmpty { continue }
      let failures = cases.count(where: isFailure)
      let skipped = cases.count { !isFailure($0) && $0.counted != .reproduced }
      lines.append(
        "  <testsuite name=\"\(level.rawValue)\" tests=\"\(cases.count)\" "
          + "failures=\"\(failures)\" errors=\"0\" skipped=\"\(skipped)\" "
          + "time=\"\(Self.seconds(cases.reduce(0) { $0 + $1.seconds }))\">")
      for item in cases {
        lines += Self.testCase(item, isFailure: isFailure(item)).map { "    " + $0 }
      }
      lines.append("  </testsuite>")
    }
    return (lines + ["</testsuites>", ""]).joined(separator: "\n")
  }

  private static func testCase(_ item: Item, isFailure: Bool) -> [String] {
    let head =
      "<testcase classname=\"searchlight.\(item.claim.level.rawValue)\" "
      + "name=\"\(escaped(item.claim.id))\" time=\"\(seconds(item.seconds))\""
    let message = escaped(item.message)
    if isFailure {
      return [
        head + ">", "  <failure message=\"\(message)\" type=\"\(item.counted.rawValue)\">",
        "    \(escaped(item.claim.id)): \(message)", "  </failure>", "</testcase>",
      ]
    }
    if item.counted == .reproduced { return [head + "/>"] }
    return [head + ">", "  <skipped message=\"\(message)\"/>", "</testcase>"]
  }

  private static func seconds(_ value: Double) -> String {
    // Three decimals, as `rounded` of a duration that is never negative.
    let thousandths = Int((1000 * max(0, value)).rounded())
    let rest = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }

  /// Text within XML, and within double quotes there; characters that XML 1.0 has not are left out.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case _ where scalar.value < 32 && scalar != "\t" && scalar != "\n": continue
      case "\u{FFFE}", "\u{FFFF}": continue
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// GitHub's workflow commands, one a claim that is not simply reproduced.
  public func gitHubCommands(folder: String) -> [String] {
    items.compactMap { item in
      let command: String
      switch item.counted {
      case .notReproduced: command = "error"
      case .cannotTell: command = "warning"
      case .notMeasured: command = "notice"
      case .reproduced: return nil
      }
      let place =
        "file=\(Self.property("\(folder)/\(item.claim.file)")),line=\(max(1, item.claim.line)),"
        + "title=\(Self.property(item.claim.id))"
      return "::\(command) \(place)::\(Self.data(item.message))"
    }
  }

  private static func data(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }

  private static func property(_ text: String) -> String {
    data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }

  /// Markdown for a job's step summary, what needs attention first.
  public var markdown: String {
    let order: [Verdict] = [.notReproduced, .cannotTell, .notMeasured, .reproduced]
    var lines = [
      "## Published figures: \(summary)", "", "| verdict | claim | why |", "|---|---|---|",
    ]
    for verdict in order {
      for item in items where item.counted == verdict {
        let why = item.message.replacing("|", with: "\\|")
        lines.append("| \(item.judgement.verdict.words) | \(item.claim.id) | \(why) |")
      }
    }
    return (lines + [""]).joined(separator: "\n")
  }
}
