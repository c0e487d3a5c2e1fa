import Datasets
import SearchCore

extension TableEvaluator {
  /// A table in the one form for any space.
  ///
  /// - Throws: `TableError` if an architecture is not of the space or has no trial at the search's
  ///   fidelity.
  public convenience init(
    _ scores: RecordedScores, space: any SearchSpace
  ) throws(TableError) {
    let facts = scores.facts
    guard facts.space == type(of: space).name else {
      throw TableError(
        "dataset '\(scores.name)' is of space '\(facts.space)'; found space "
          + "'\(type(of: space).name)'; write 'space: \(facts.space)'")
    }
    let finalEpochs = scores.rows.reduce(0) { $1.split == .test ? max($0, $1.epochs) : $0 }
    var entries: [Architecture: Entry] = [:]
    var classes: [String: Entry] = [:]
    for (text, rows) in Self.byArchitecture(scores.rows) {
      let architecture: Architecture
      do {
        architecture = try space.parse(text)
      } catch {
        throw TableError("dataset '\(scores.name)': \(error.description)")
      }
      let entry = Self.entry(rows, finalEpochs: finalEpochs)
      guard entry.trials[facts.searchEpochs] != nil else {
        throw TableError(
          "dataset '\(scores.name)': '\(text)' has no validation score after "
            + "\(facts.searchEpochs) epoch(s), the search's fidelity")
      }
      guard entries.updateValue(entry, forKey: architecture) == nil else {
        throw TableError(
          "dataset '\(scores.name)': '\(text)' is there in two notations; expected one")
      }
      let identity = space.identity(of: architecture)
      if classes[identity] == nil { classes[identity] = entry }
    }
    var checksums: [String: String] = [:]
    for file in scores.checksums { checksums[file.path] = file.checksum.value }
    self.init(
      space: space, entries: entries, classes: classes,
      description: Description(
        objective: facts.objective, costLabel: facts.costLabel,
        examplesPerEpoch: facts.trainingExamples, trialEpochs: facts.searchEpochs,
        finalEpochs: finalEpochs, dataChecksums: checksums))
  }

  /// Rows that belong together, in the order in which their architectures come first.
  private static func byArchitecture(
    _ rows: [RecordedScores.Row]
  ) -> [(text: String, rows: [RecordedScores.Row])] {
    var places: [String: Int] = [:]
    var groups: [(text: String, rows: [RecordedScores.Row])] = []
    for row in rows {
      if let place = places[row.architecture] {
        groups[place].rows.append(row)
      } else {
        places[row.architecture] = groups.count
        groups.append((row.architecture, [row]))
      }
    }
    return groups
  }

  private static func entry(_ rows: [RecordedScores.Row], finalEpochs: Int) -> Entry {
    var entry = Entry()
    for row in rows.sorted(by: { $0.seed < $1.seed }) where row.split == .validation {
      // The reader holds that validation rows have seconds.
      guard let seconds = row.seconds else { continue }
      entry.trials[row.epochs, default: []].append(Trial(score: row.score, seconds: seconds))
    }
    func final(_ split: Objective.Split) -> Double? {
      let scores = rows.filter { $0.split == split && $0.epochs == finalEpochs }.map(\.score)
      return scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
    }
    entry.finalValidation = final(.validation)
    entry.finalTest = final(.test)
    return entry
  }
}
