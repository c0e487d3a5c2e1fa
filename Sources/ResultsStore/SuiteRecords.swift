import Experiments
import Foundation
import SearchCore

/// The records of a suite, folded into its results: the one way from journals to everything that
/// reports, comparisons and explanations say.
///
/// A header beside the journals says what the suite was when it was run; the journals say the rest.
public struct SuiteRecords: Sendable {
  /// Where the records are.
  public let folder: ResultsFolder

  /// Names a folder of records, which need not exist.
  public init(in folder: ResultsFolder) { self.folder = folder }

  /// Whether a suite was run there.
  public var exist: Bool { FileManager.default.fileExists(atPath: folder.header.path) }

  /// Writes what the suite says of itself.
  private func write(_ header: SuiteResults) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(header)
    let seal = Data("\n\(RecordFile.checksum(of: data))\n".utf8)
    try RecordFile.write(data + seal, to: folder.header)
  }

  /// Writes what the suite says of itself, folds the journals and writes the canonical results.
  public func collect(
    _ header: SuiteResults, spaces: [any SearchSpace]
  ) throws -> SuiteResults {
    try write(header)
    let (results, canonical) = try fold(spaces)
    try canonical.write(to: folder.canonicalResults)
    return results
  }

  /// Folds the journals; a run that has not begun is left out.
  ///
  /// A run whose journal is damaged is a failed run without trials: nothing of it is trusted.
  /// Whoever runs or looks at the run is told why; here it must not stop the others.
  ///
  /// - Parameter spaces: The search spaces, to draw the selected architectures.
  /// - Throws: `RecordsError` if the header is missing or damaged.
  public func results(spaces: [any SearchSpace]) throws -> SuiteResults { try fold(spaces).0 }

  private func fold(_ spaces: [any SearchSpace]) throws -> (SuiteResults, CanonicalResults) {
    var results = try header()
    var environments: [[EnvironmentFact]] = []
    for (index, study) in results.studies.enumerated() {
      for method in study.methods {
        let name = study.ownSpaces?[method] ?? study.space
        let space = spaces.first { type(of: $0).name == name }
        let found = Parallel.map(Array(0..<results.seeds(of: study))) { seedIndex in
          Result { try run(of: study.name, method, seedIndex, space: space) }
        }
        for case let (run, facts)? in try found.map({ try $0.get() }) {
          results.studies[index].runs.append(run)
          environments.append(facts)
        }
      }
    }
    results.environment = Self.common(environments)
    let canonical = try CanonicalResults(results)
    results.canonicalChecksum = canonical.checksum
    return (results, canonical)
  }

  /// One run and what it was computed on; `nil` if it has not begun.
  private func run(
    of study: String, _ method: String, _ seedIndex: Int, space: (any SearchSpace)?
  ) throws -> (RunResults, [EnvironmentFact])? {
    let journal = folder.journal(ofRun: "\(study)/\(method)/\(seedIndex)")
    guard RecordFile.size(of: journal) != nil else { return nil }
    var run = RunResults(study: study, method: method, seedIndex: seedIndex)
    var facts: [EnvironmentFact] = []
    do {
      let lines = try Journal.read(journal).lines
      run.fold(lines)
      facts = lines.reduce([]) { if case .session(let facts) = $1.event { facts } else { $0 } }
    } catch {
      run.status = .failed
    }
    if let selected = run.selectedArchitecture, let space {
      run.selectedGraphs = space.graphs(of: try space.parse(selected))
    }
    return (run, facts)
  }

  private func header() throws -> SuiteResults {
    func problem(_ text: String) -> RecordsError {
      RecordsError(
        "\(folder.header.path): \(text); type 'searchlight run SUITE' to write it again")
    }
    guard let text = try? EditedText(contentsOf: folder.header, limitBytes: Self.headerLimit) else {
      throw problem("cannot be read; expected what a suite's run says of itself")
    }
    // The JSON is one line, and its checksum another.
    let data = Data((text.lines.first ?? "").utf8)
    guard text.lines.count == 2, text.lines[1] == RecordFile.checksum(of: data) else {
      throw problem("does not match its checksum: it was changed or damaged")
    }
    do {
      return try JSONDecoder().decode(SuiteResults.self, from: data)
    } catch {
      throw problem("is of another version of the program")
    }
  }

  /// Largest header that is read, in bytes.
  private static let headerLimit = 64 << 20

  /// The facts of all runs, each name once; different values stand side by side.
  private static func common(_ environments: [[EnvironmentFact]]) -> [SuiteResults.Fact] {
    var facts: [SuiteResults.Fact] = []
    for fact in environments.joined() {
      guard let index = facts.firstIndex(where: { $0.name == fact.name }) else {
        facts.append(.init(name: fact.name, value: fact.value))
        continue
      }
      if !facts[index].value.components(separatedBy: " / ").contains(fact.value) {
        facts[index].value += " / \(fact.value)"
      }
    }
    return facts
  }
}

/// Records that cannot be used: one line that says which and what to do.
public struct RecordsError: Error, Hashable, CustomStringConvertible, Sendable {
  public let description: String

  /// Makes an error from its one line.
  public init(_ description: String) { self.description = description }
}
