/// Finds the name that somebody probably meant.
enum NearestName {
  /// The candidate with the fewest edits, if few enough to be a slip of the pen.
  ///
  /// - Returns: The first of the nearest candidates, or `nil` if more than a third of the longer
  ///   name (and more than two letters) would have to change.
  static func of(_ name: String, among candidates: [String]) -> String? {
    var best: (candidate: String, edits: Int)?
    for candidate in candidates {
      let edits = edits(from: Array(name.utf8), to: Array(candidate.utf8))
      let allowed = max(2, max(name.utf8.count, candidate.utf8.count) / 3)
      if edits <= allowed, edits < best?.edits ?? .max { best = (candidate, edits) }
    }
    return best?.candidate
  }

  /// Number of insertions, deletions and replacements from one text to the other.
  ///
  /// Source: Levenshtein 1966; the usual two-row form.
  private static func edits(from left: [UInt8], to right: [UInt8]) -> Int {
    guard left.count <= 100 else { return .max }
    var row = Array(0...right.count)
    for (i, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in right.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[right.count]
  }
}
