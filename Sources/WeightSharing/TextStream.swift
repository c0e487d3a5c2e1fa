import NeuralNetworks
import Randomness
import SearchCore

/// A text cut into sequences that lie side by side, read over and over in stretches of time steps.
///
/// A text of n words in b sequences gives each n / b words, rounded down; words at the end are left
/// over. A stretch begins where the last one ended, while two words are left to predict.
///
/// Source: the released codes of AWD-LSTM (arXiv 1708.02182) and DARTS (arXiv 1806.09055).
package final class TextStream {
  /// How long stretches are.
  package struct Lengths: Hashable {
    package var steps: Int
    /// Chance of a stretch to be half as long.
    package var shortShare = 0.0
    /// Standard deviation of a length that varies, in steps: 5 in AWD-LSTM's training, none in
    /// DARTS' search.
    package var deviation = 0.0

    package init(steps: Int, shortShare: Double = 0, deviation: Double = 0) {
      (self.steps, self.shortShare, self.deviation) = (steps, shortShare, deviation)
    }

    /// At least 5, at most 20 more than usual, where lengths vary.
    fileprivate func draw(_ generator: inout KeyedGenerator) -> Int {
      guard shortShare > 0 || deviation > 0 else { return steps }
      let base = generator.bernoulli(shortShare) ? Double(steps) / 2 : Double(steps)
      guard deviation > 0 else { return max(1, Int(base)) }
      return min(steps + 20, max(5, Int(base + deviation * generator.normal())))
    }
  }

  /// A stretch of the stream.
  package struct Stretch: Hashable {
    package let epoch: Int
    /// Its first word in each sequence.
    package let start: Int
    package let steps: Int
    package let isFirst: Bool
    package let isLast: Bool
  }

  /// Sequences side by side.
  package let batch: Int
  /// Words of a sequence.
  package let length: Int
  private let tokens: [Int32]
  package let lengths: Lengths
  private let key: RandomKey
  /// Places in the stream where epochs begin, as far as they are known, and one epoch's stretches.
  private var beginnings = [0]
  private var known: (epoch: Int, stretches: [Stretch])?

  /// - Parameter key: Of the lengths.
  package init(_ tokens: [Int32], batch: Int, _ lengths: Lengths, key: RandomKey) {
    self.tokens = tokens
    self.batch = batch
    self.lengths = lengths
    self.key = key
    length = tokens.count / batch
  }

  /// Words that a text must have for so many sequences.
  package static func leastCount(batch: Int) -> Int { 3 * batch }

  /// The stretch at a place of the endless stream.
  package func stretch(_ index: Int) -> Stretch {
    while let last = beginnings.last, last <= index {
      beginnings.append(last + stretches(of: beginnings.count - 1).count)
    }
    let epoch = (beginnings.lastIndex { $0 <= index }) ?? 0
    return stretches(of: epoch)[index - beginnings[epoch]]
  }

  /// Where that stands, counted in words.
  package func place(_ index: Int) -> StreamPlace {
    let stretch = stretch(index)
    return StreamPlace(
      epoch: stretch.epoch, isFirst: stretch.isFirst, isLast: stretch.isLast,
      examples: stretch.steps * batch)
  }

  /// Stretches of an epoch of usual lengths.
  package var usualCount: Int { max(1, (length - 2 + lengths.steps - 1) / lengths.steps) }

  private func stretches(of epoch: Int) -> [Stretch] {
    if let known, known.epoch == epoch { return known.stretches }
    var generator = key.child("lengths", epoch).generator()
    var stretches: [Stretch] = []
    var start = 0
    while start < length - 2 {
      let steps = min(lengths.draw(&generator), length - 1 - start)
      stretches.append(
        Stretch(
          epoch: epoch, start: start, steps: steps, isFirst: start == 0,
          isLast: start + steps >= length - 2))
      start += steps
    }
    known = (epoch, stretches)
    return stretches
  }

  /// The words of a stretch, and those after them.
  package func text(from start: Int, steps: Int) -> TextBatch {
    var words: [Int32] = []
    words.reserveCapacity((steps + 1) * batch)
    for step in start...start + steps {
      for sequence in 0..<batch { words.append(tokens[sequence * length + step]) }
    }
    return TextBatch(text: words, batch: batch)
  }
}

extension TextStream.Lengths {
  static let deviationSetting = MethodSetting(
    name: "length-deviation", defaultValue: 0, range: 0...100,
    source: "of texts alone, in steps: none in the released searches of DARTS and random paths; 5 "
      + "in enas_lm")

  /// The lengths of a recipe, varied as a suite says.
  init(_ training: TextTraining, _ settings: MethodSettings) {
    self.init(
      steps: training.unrolledSteps, shortShare: training.shortSequences,
      deviation: settings["length-deviation"])
  }
}
