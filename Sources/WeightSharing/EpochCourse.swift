import OperationCosts
import Randomness
import SearchCore
import TensorCore

/// Where the training of shared weights is, counted in minibatches; part of a checkpoint.
struct EpochCourse: Codable, Hashable {
  /// Weight steps done: the place in the stream of minibatches.
  private(set) var updates = 0
  /// The part of the training that was done when this epoch began, from 0 to 1: schedules move once
  /// an epoch, as in the released codes.
  private(set) var progress = 0.0
  // Of this epoch: images, their summed loss, and those of the validation split classified wrongly.
  private var images = 0
  private var loss = 0.0
  private var validationImages = 0
  private var validationWrong = 0
  /// Share of validation images that were classified wrongly in the last epoch that looked at any.
  private(set) var validation: Double?

  /// Whether a checkpoint's counts can be those of a training.
  var isSound: Bool {
    (0..<1 << 30).contains(updates) && (0...1).contains(progress) && images >= 0
      && validationImages >= 0 && validationWrong >= 0
  }

  /// Prepares the next step.
  mutating func begin(batches: Int, progress: Double) {
    if updates % batches == 0 { self.progress = progress }
  }

  /// Counts a weight step.
  mutating func count(_ score: BatchScore) {
    updates += 1
    images += score.count
    loss += score.loss * Double(score.count)
  }

  /// Counts a look at a validation minibatch.
  mutating func countValidation(_ score: BatchScore) {
    validationImages += score.count
    validationWrong += score.wrong
    validation = Double(validationWrong) / Double(validationImages)
  }

  /// Whether the last step was an epoch's last.
  func isAtEnd(batches: Int) -> Bool { updates > 0 && updates % batches == 0 }

  /// Sums up the epoch that has ended, and begins the next.
  mutating func finish(batches: Int) -> SearchEpoch {
    var epoch = SearchEpoch(
      epoch: updates / batches, trainingLoss: loss / Double(max(1, images)))
    epoch.validation = validationImages > 0 ? validation : nil
    (images, loss, validationImages, validationWrong) = (0, 0, 0, 0)
    return epoch
  }
}
