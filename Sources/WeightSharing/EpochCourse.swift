import SearchCore
import TensorCore

/// Where the training of shared weights is, counted in minibatches; part of a checkpoint.
struct EpochCourse: Codable, Hashable {
  /// Weight steps done: the place in the stream of minibatches.
  private(set) var updates = 0
  /// The part of the training that was done when this epoch began, from 0 to 1: schedules move once
  /// an epoch, as in the released codes.
  private(set) var progress = 0.0
  /// Of this epoch: the weight steps, and the looks at the validation split.
  private var trained = ScoreSum()
  private var seen = ScoreSum()
  /// Of the last epoch that looked at the validation split.
  private(set) var validation: ScoreSum?

  /// Whether a checkpoint's counts can be those of a training.
  var isSound: Bool {
    (0..<1 << 30).contains(updates) && (0...1).contains(progress) && trained.isSound
      && seen.isSound && validation.map { $0.isSound } ?? true
  }

  /// Prepares the next step.
  mutating func begin(_ place: StreamPlace, progress: Double) {
    if place.isFirst { self.progress = progress }
  }

  /// Counts a weight step.
  mutating func count(_ score: BatchScore) {
    updates += 1
    trained.add(score)
  }

  /// Counts a look at a validation minibatch.
  mutating func countValidation(_ score: BatchScore) {
    seen.add(score)
    validation = seen
  }

  /// Sums up the epoch that has ended, and begins the next.
  ///
  /// - Parameter place: Of its last step.
  mutating func finish(_ place: StreamPlace, _ measure: ScoreMeasure) -> SearchEpoch {
    var epoch = SearchEpoch(epoch: place.epoch + 1, trainingLoss: trained.meanLoss)
    epoch.validation = seen.count > 0 ? seen.value(measure) : nil
    (trained, seen) = (ScoreSum(), ScoreSum())
    return epoch
  }
}
