import Experiments
import Foundation
import SearchCore
import Slurm

/// What of a suite was given to a cluster: files below `reports/<suite>/slurm/`.
///
/// They say which element of which job does which runs. Whether a run is done, its own records say.
struct ClusterRuns {
  /// The files of one submission.
  struct Files {
    let folder: URL
    /// The runs of each element, a line an element, separated by blanks.
    let elements: URL
    /// The job's number, once there is one.
    let job: URL
    let logs: URL

    init(_ root: URL, number: Int) {
      folder = root.appending(path: "slurm")
      elements = folder.appending(path: "\(number).elements")
      job = folder.appending(path: "\(number).job")
      logs = folder.appending(path: "logs")
    }
  }

  private let root: URL
  /// Submissions so far, those included that did not come to a job.
  let count: Int

  /// Largest file of elements that is read.
  private static let largestFile = 1 << 28

  /// Looks at a suite's folder.
  init(in folder: ResultsFolder) throws {
    root = folder.root
    let place = Files(root, number: 0).folder
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
    count =
      names.compactMap { $0.hasSuffix(".elements") ? Int($0.dropLast(9)) : nil }.max() ?? 0
  }

  /// Writes down which runs a submission's elements do.
  func prepare(_ number: Int, elements: [[String]]) throws {
    let files = Files(root, number: number)
    try RecordFile.createFolder(files.logs)
    let text = elements.map { $0.joined(separator: " ") + "\n" }.joined()
    try RecordFile.write(Data(text.utf8), to: files.elements)
  }

  /// Writes down the job that a submission became.
  func record(_ number: Int, job: Int) throws {
    try RecordFile.write(Data("\(job)\n".utf8), to: Files(root, number: number).job)
  }

  /// The element of each run that was submitted; of its last submission.
  var elements: [String: SlurmClient.Element] {
    var found: [String: SlurmClient.Element] = [:]
    for number in 1..<(count + 1) {
      let files = Files(root, number: number)
      guard let line = try? EditedText(contentsOf: files.job, limitBytes: 100).lines.first,
        let job = Int(line),
        let lines = try? Self.lines(of: files.elements)
      else { continue }
      for (index, line) in lines.enumerated() {
        for run in line { found[run] = SlurmClient.Element(job: job, index: index) }
      }
    }
    return found
  }

  /// The runs of each element of a file.
  static func lines(of file: URL) throws -> [[String]] {
    try EditedText(contentsOf: file, limitBytes: largestFile).lines.map {
      $0.split(separator: " ").map(String.init)
    }
  }

  /// The runs that are neither done nor in the queue.
  func open(
    _ runs: [RunSpecification], in folder: ResultsFolder,
    queue: [SlurmClient.Element: SlurmClient.Place]
  ) -> [RunSpecification] {
    let elements = elements
    let states = RunState.glance(at: runs, in: folder)
    return zip(runs, states).compactMap { run, state in
      let isQueued = elements[run.id].map { queue[$0] != nil } ?? false
      return state.stage == .finished || isQueued ? nil : run
    }
  }

  /// What the scheduler knows, put over what the records say; records are the truth.
  func overlay(
    _ states: [RunState], queue: [SlurmClient.Element: SlurmClient.Place]
  ) -> [RunState] {
    let elements = elements
    return states.map { state in
      guard state.stage != .finished, let element = elements[state.run] else { return state }
      var state = state
      switch queue[element] {
      case .running: state.stage = state.progress == nil ? .queued : .running
      case .queued: state.stage = .queued
      case nil: if state.stage != .failed { state.stage = .lost }
      }
      return state
    }
  }
}
