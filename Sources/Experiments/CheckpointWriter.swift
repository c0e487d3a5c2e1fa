import Crypto
import Foundation
import SearchCore

/// When checkpoints are written.
public enum CheckpointPeriod: Hashable, Sendable {
  /// As often as writing stays below a share of the time, but not more than once in a while.
  case share(Double, minimumSeconds: Double)
  /// After so many steps: for tests.
  case steps(Int)

  /// Writing takes at most a 64th of the time: 1.6 %.
  public static let standard = CheckpointPeriod.share(1 / 64, minimumSeconds: 1)
}

/// Writes the checkpoints of a run, each whole before the one before it goes.
///
/// The tensors go to a file with a new name first, then the record that names them takes the place
/// of the old record; both are synced, and so is the folder. Only then the old tensors are removed.
package final class CheckpointWriter {
  private let folder: URL
  private let period: CheckpointPeriod
  private let clock: any RunClock
  private var number = 0
  private var current: String?
  private var stepsSince = 0
  private let start: Double
  private var lastWrite: Double
  private var writingSeconds = 0.0
  /// When the one that is on its way was found to be due: its snapshot takes time as well.
  private var dueSince: Double?
  /// What the next one is expected to take: the last one's time, at first a guess.
  private var expectedSeconds = 0.03

  /// Place of the record.
  var url: URL { folder.appending(path: "checkpoint.json") }

  /// Prepares writing into a run's folder.
  package init(folder: URL, period: CheckpointPeriod, clock: any RunClock) {
    self.folder = folder
    self.period = period
    self.clock = clock
    start = clock.monotonicSeconds()
    lastWrite = start
  }

  /// Tells of a checkpoint that is in place, so that the next one gets another name.
  func found(_ record: Checkpoint.Record) {
    current = record.tensors?.name
    number =
      current?.split(separator: ".").first?.split(separator: "-").last.flatMap { Int($0) } ?? 0
  }

  /// Counts a step, and says whether a checkpoint is due before the next.
  package func isDue() -> Bool {
    stepsSince += 1
    let now = clock.monotonicSeconds()
    let isDue =
      switch period {
      case .steps(let count): stepsSince >= count
      case .share(let share, let minimum):
        now - lastWrite >= minimum && writingSeconds + expectedSeconds <= share * (now - start)
      }
    if isDue { dueSince = now }
    return isDue
  }

  /// Part of this session's time that went to checkpoints, from 0 to 1.
  var share: Double {
    let seconds = clock.monotonicSeconds() - start
    return seconds > 0 ? writingSeconds / seconds : 0
  }

  /// Writes a checkpoint in place of the one before.
  package func write(_ checkpoint: Checkpoint) throws {
    let begin = dueSince ?? clock.monotonicSeconds()
    dueSince = nil
    var record = checkpoint.record
    record.tensors = nil
    number += 1
    if !checkpoint.snapshot.tensors.isEmpty {
      let tensors = Data(checkpoint.snapshot.tensors)
      let name = "checkpoint-\(number).safetensors"
      record.tensors = .init(name: name, sha256: SHA256.hash(data: tensors).hexadecimal)
      try RecordFile.write(tensors, to: folder.appending(path: name))
    }
    try RecordFile.write(Checkpoint.encoded(record), to: url)
    if let current { unlink(folder.appending(path: current).path) }
    current = record.tensors?.name
    stepsSince = 0
    lastWrite = clock.monotonicSeconds()
    expectedSeconds = lastWrite - begin
    writingSeconds += expectedSeconds
  }

  /// Removes what kills have left: half-written files and tensors that no record names.
  func removeRemains() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where name != current {
      let isTensors = name.hasPrefix("checkpoint-") && name.hasSuffix(".safetensors")
      // Temporary names of `RecordFile` begin with a dot and the name of a record.
      if isTensors || name.hasPrefix(".checkpoint") || name.hasPrefix(".progress.json.") {
        unlink(folder.appending(path: name).path)
      }
    }
  }

  /// Removes everything, once the run is done.
  func removeAll() {
    unlink(url.path)
    current = nil
    removeRemains()
  }
}
