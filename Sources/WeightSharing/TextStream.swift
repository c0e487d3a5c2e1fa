import NeuralNetworks
import Randomness
import SearchCore

/// A text in columns, read over and over in stretches of time steps.
package final class TextStream {
  /// A stretch of the stream.
  package struct Stretch: Hashable {
    package let epoch: Int
    /// Its first word in each column.
    package let start: Int
    package let steps: Int
    package let isFirst: Bool
    package let isLast: Bool
  }

  package let columns: TextColumns
  package let lengths: StretchLengths
  private let key: RandomKey
  /// Places in the stream where epochs begin, as far as they are known, and one epoch's stretches.
  private var beginnings = [0]
  private var known: (epoch: Int, stretches: [Stretch])?

  /// - Parameters:
  ///   - batch: Columns.
  ///   - key: Of the lengths.
  package init(_ tokens: [Int32], batch: Int, _ lengths: StretchLengths, key: RandomKey) {
    columns = TextColumns(tokens, count: batch)
    self.lengths = lengths
    self.key = key
  }

  /// Words that a text must have for so many columns.
  package static func leastCount(batch: Int) -> Int { batch + 1 }

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
      examples: stretch.steps * columns.count)
  }

  /// Stretches of an epoch of usual lengths.
  package var usualCount: Int { (columns.length + lengths.steps - 1) / lengths.steps }

  private func stretches(of epoch: Int) -> [Stretch] {
    if let known, known.epoch == epoch { return known.stretches }
    let length = columns.length
    let stretches = lengths.stretches(of: length, key: key.child("lengths", epoch)).map {
      Stretch(
        epoch: epoch, start: $0.lowerBound, steps: $0.count, isFirst: $0.lowerBound == 0,
        isLast: $0.upperBound == length)
    }
    known = (epoch, stretches)
    return stretches
  }
}

extension StretchLengths {
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
