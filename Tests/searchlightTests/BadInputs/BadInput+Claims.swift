/// Files of published results.
extension BadInput {
  private static let columns = [
    "id", "subject", "method", "network", "space", "dataset", "metric", "value", "spread", "runs",
    "statistic", "searches", "protocol", "parameters", "cost", "gpu", "source", "status",
    "unverified", "errata", "level", "check", "margin", "expected", "reason",
  ]
  private static let header = columns.joined(separator: ",")

  /// Rows below the right header.
  private static func claims(_ rows: String, _ message: String) -> BadInput {
    BadInput(.claims, "\(header)\n\(rows)", message)
  }

  /// A good row in which some columns have other texts.
  private static func row(_ changes: [String: String]) -> String {
    let good = [
      "id": "a", "subject": "method", "dataset": "d", "metric": "test-accuracy", "value": "1",
      "statistic": "mean", "source": "q", "status": "quoted", "level": "paper",
    ].merging(changes) { $1 }
    return columns.map { good[$0] ?? "" }.joined(separator: ",")
  }

  private static func claim(_ column: String, _ text: String, _ message: String) -> BadInput {
    claims(row([column: text]), ":2: \(message)")
  }

  static let claimsFiles: [BadInput] = [
    BadInput(.claims, "id,value\n", ":1: the header must be “\(header)”"),
    BadInput(
      .claims, [0xFF],
      ": cannot be read (not UTF-8); give the path of a CSV file of published results"),
    BadInput(
      .claims, [UInt8](repeating: 0x2C, count: 1_048_580),
      ": 1048577 bytes, at most 1048576 are read; split it into several files"),
    claims("a,b\n", ":2: 2 fields, expected 25"),
    claims("\"a,b\n", ":2: a double quote is not closed"),
    claim(
      "metric", "loss",
      "metric “loss” is not one of: validation-accuracy, test-accuracy, validation-error, "
        + "test-error, test-top-5-accuracy, test-top-5-error, validation-perplexity, "
        + "test-perplexity, test-bits-per-character, parameters, wrong-test-images, "
        + "search-gpu-days, search-gpu-hours"),
    claim("status", "sure", "status “sure” is not one of: verified, quoted, unverified"),
    claim("subject", "it", "subject “it” is not one of: cell, method, network"),
    claim(
      "level", "cheap",
      "level “cheap” is not one of: architecture, checkpoint, replay, training, paper"),
    claim(
      "unverified", "value all",
      "unverified “all” is not one of: value, spread, parameters, cost"),
    claim("value", "101", "value “101” is not a number from 0 to 100"),
    claim("value", "nan", "value “nan” is not a number from 0 to 100"),
    claim("value", "", "value is empty"),
    claim("spread", "x", "spread “x” is not a number from 0 to 100"),
    claim("margin", "-1", "margin “-1” is not a number from 0 to 100"),
    claim("runs", "0", "runs “0” is neither empty nor a count of at least 1"),
    claim("searches", "two", "searches “two” is neither empty nor a count of at least 1"),
    claim("dataset", "", "dataset is empty"),
    claim(
      "expected", "cannot-tell", "expected is 'cannot-tell' without a reason; say why"),
    claims(
      row([:]) + "\n" + row([:]), ":3: id “a” stands in line 2 already; ids are unique"),
  ]
}
