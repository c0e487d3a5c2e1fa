import Foundation

/// Where the records of a suite are: `reports/<suite>/`.
public struct ResultsFolder: Hashable, Sendable {
  /// The folder itself.
  public let root: URL

  /// Names a folder, which need not exist.
  public init(root: URL) { self.root = root }

  /// The resolved suite.
  public var lock: URL { root.appending(path: "suite.lock.yaml") }
  /// What the suite said of itself when it was last run: all of its results but the runs.
  public var header: URL { root.appending(path: "suite.json") }
  /// The results without clocks, machine and wasted work.
  public var canonicalResults: URL { root.appending(path: "results.canonical.json") }

  /// A run's own folder.
  public func folder(of run: RunSpecification) -> URL {
    root.appending(path: "runs").appending(path: run.id)
  }

  /// A run's journal.
  public func journal(of run: RunSpecification) -> URL {
    journal(ofRun: run.id)
  }

  /// The journal of a run by its id: `<study>/<method's label>/<seed index>`.
  public func journal(ofRun id: String) -> URL {
    root.appending(path: "runs").appending(path: id).appending(path: "journal.jsonl")
  }

  /// A run's progress, for those who watch.
  public func progress(of run: RunSpecification) -> URL {
    folder(of: run).appending(path: "progress.json")
  }

  /// What a run's process printed.
  public func log(of run: RunSpecification) -> URL {
    folder(of: run).appending(path: "log.txt")
  }

  /// Takes the folder for running, so that no other process runs the same suite.
  ///
  /// - Returns: Keeps the folder until it goes away or its process dies.
  /// - Throws: `SuiteError` if another process has it.
  public func lockForRunning() throws(SuiteError) -> FolderLock {
    try FolderLock(
      root.deletingLastPathComponent().appending(path: ".\(root.lastPathComponent).lock"),
      of: root)
  }

  /// Makes the folder ready for a suite's runs and writes the lock.
  ///
  /// - Parameter fresh: Moves an existing folder aside, to `<folder>.<n>`; nothing is deleted.
  /// - Returns: What the results were begun with that is different now, one line each.
  /// - Throws: `SuiteError` if the folder holds results of a suite that differs.
  @discardableResult
  public func prepare(for lock: SuiteLock, fresh: Bool) throws(SuiteError) -> [String] {
    if fresh { try moveAside() }
    if hasJournals, RecordFile.size(of: self.lock) != nil {
      if let difference = try lock.difference(from: self.lock) {
        throw SuiteError(
          "\(root.path): holds results of another form of this suite (\(difference)); type "
            + "'searchlight run SUITE --fresh' to move them aside and start anew")
      }
      return try lock.codeDifferences(from: self.lock)
    }
    try RecordFile.write(Data(lock.file.utf8), to: self.lock)
    return []
  }

  private func moveAside() throws(SuiteError) {
    let files = FileManager.default
    guard files.fileExists(atPath: root.path) else { return }
    for number in 1...9_999 {
      let aside = URL(filePath: "\(root.path).\(number)")
      guard !files.fileExists(atPath: aside.path) else { continue }
      guard rename(root.path, aside.path) == 0 else {
        throw RecordFile.failure("move aside", root)
      }
      return
    }
    throw SuiteError("\(root.path): 9999 older folders lie beside it; remove some")
  }

  private var hasJournals: Bool {
    let runs = root.appending(path: "runs")
    let files = FileManager.default.enumerator(at: runs, includingPropertiesForKeys: nil)
    while let file = files?.nextObject() as? URL {
      if file.lastPathComponent == "journal.jsonl" { return true }
    }
    return false
  }
}
