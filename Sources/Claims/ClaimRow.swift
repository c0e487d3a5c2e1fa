/// One line of a claims file, read field by field with errors that name the column.
struct ClaimRow {
  /// By the column's name.
  let fields: [String: String]
  let place: ClaimsFile.Place

  func result() throws(ClaimsError) -> PublishedResult {
    let metric: PublishedResult.Metric = try choice("metric")
    guard let value = try number("value", in: metric.range) else { return try missing("value") }
    var result = PublishedResult(
      id: try required("id"), method: text("method"), space: text("space") ?? "",
      dataset: try required("dataset"), metric: metric,
      value: value,
      spread: try number("spread", in: metric.range), runs: try count("runs"),
      measuredUnder: text("protocol") ?? "", source: try required("source"),
      status: try choice("status"))
    result.subject = try choice("subject")
    result.network = text("network")
    result.statistic = try choice("statistic")
    result.searches = try count("searches")
    (result.parameters, result.cost, result.gpu) = (text("parameters"), text("cost"), text("gpu"))
    result.unverified = try figures()
    result.errata = text("errata")
    result.level = try choice("level")
    result.check = text("check")
    result.margin = try number("margin", in: metric.range)
    result.expected = text("expected") == nil ? nil : try choice("expected")
    result.reason = text("reason")
    guard result.expected == nil || result.reason != nil else {
      throw place.problem("expected is '\(text("expected") ?? "")' without a reason; say why")
    }
    (result.file, result.line) = (place.file, place.line)
    return result
  }

  // MARK: Fields

  private func text(_ column: String) -> String? {
    guard let text = fields[column], !text.isEmpty else { return nil }
    return text
  }

  private func required(_ column: String) throws(ClaimsError) -> String {
    guard let text = text(column) else { return try missing(column) }
    return text
  }

  private func missing<Value>(_ column: String) throws(ClaimsError) -> Value {
    throw place.problem("\(column) is empty")
  }

  private func number(
    _ column: String, in range: ClosedRange<Double>
  ) throws(ClaimsError) -> Double? {
    guard let text = text(column) else { return nil }
    guard let value = Double(text), range.contains(value) else {
      throw place.problem(
        "\(column) “\(text)” is not a number from \(range.lowerBound.shortText) to "
          + range.upperBound.shortText)
    }
    return value
  }

  private func count(_ column: String) throws(ClaimsError) -> Int? {
    guard let text = text(column) else { return nil }
    guard let value = Int(text), value >= 1 else {
      throw place.problem("\(column) “\(text)” is neither empty nor a count of at least 1")
    }
    return value
  }

  private func figures() throws(ClaimsError) -> [PublishedResult.Figure] {
    var figures: [PublishedResult.Figure] = []
    for word in (text("unverified") ?? "").split(separator: " ") {
      figures.append(try named("unverified", String(word)))
    }
    return figures
  }

  private func choice<Choice: RawRepresentable & CaseIterable>(
    _ column: String
  ) throws(ClaimsError) -> Choice where Choice.RawValue == String {
    try named(column, fields[column] ?? "")
  }

  private func named<Choice: RawRepresentable & CaseIterable>(
    _ column: String, _ found: String
  ) throws(ClaimsError) -> Choice where Choice.RawValue == String {
    guard let choice = Choice(rawValue: found) else {
      throw place.problem(
        "\(column) “\(found)” is not one of: "
          + Choice.allCases.map { $0.rawValue }.joined(separator: ", "))
    }
    return choice
  }
}
