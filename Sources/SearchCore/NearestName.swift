/// Finds the name that someone probably meant.
public enum NearestName {
  /// The candidate with the fewest edits to a misspelt name.
  ///
  /// - Parameters:
  ///   - name: What was typed.
  ///   - candidates: What there is; among equally near ones the first wins.
  /// - Returns: `nil` if every candidate is more than a third of its length away (at least 2 edits
  ///   are always allowed).
  public static func of(_ name: String, among candidates: [String]) -> String? {
    var best: (name: String, edits: Int)?
    for candidate in candidates {
      let edits = editDistance(name, candidate)
      guard edits <= max(2, candidate.count / 3), edits < best?.edits ?? .max else { continue }
      best = (candidate, edits)
    }
    return best?.name
  }

  /// Levenshtein's distance: insertions, deletions and replacements, over at most 200 characters.
  package static func editDistance(_ first: String, _ second: String) -> Int {
    let a = Array(first.unicodeScalars.prefix(200))
    let b = Array(second.unicodeScalars.prefix(200))
    var row = Array(0...b.count)
    for (i, left) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, right) in b.enumerated() {
        let replaced = diagonal + (left == right ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
