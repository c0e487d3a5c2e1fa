import Randomness

/// A text cut into sequences of the same length that are read side by side.
///
/// Every word but the first, and fewer than there are sequences at the end, is predicted once.
public struct TextColumns: Sendable {
  private let text: [Int32]
  /// Sequences.
  public let count: Int
  /// Words of each that are predicted; at least 1 if the text has two words a sequence.
  public let length: Int

  /// Cuts a text.
  public init(_ text: [Int32], count: Int) {
    self.text = text
    self.count = count
    length = max(0, text.count - 1) / count
  }

  /// Words of a stretch of time steps, and those after them.
  public func batch(from start: Int, steps: Int) -> TextBatch {
    TextBatch(
      text: (start...start + steps).flatMap { time in
        (0..<count).map { text[$0 * length + time] }
      }, batch: count)
  }
}

/// How long the stretches are that a text is read in, in time steps.
public struct StretchLengths: Hashable, Sendable {
  public var steps: Int
  /// Chance of a stretch to be half as long.
  public var shortShare: Double
  /// Standard deviation of a length; 0 for lengths that do not vary.
  public var deviation: Double

  /// Sets the usual length and how others come about.
  public init(steps: Int, shortShare: Double = 0, deviation: Double = 0) {
    (self.steps, self.shortShare, self.deviation) = (steps, shortShare, deviation)
  }

  /// The stretches of a pass over columns, without a gap; the last one may be shorter.
  ///
  /// Lengths that vary are normal around the usual one or, sometimes, around half of it, at least 5
  /// and at most 20 over the usual one.
  ///
  /// - Parameters:
  ///   - length: Words of a column.
  ///   - key: Of the lengths.
  ///
  /// Source: Merity et al. 2018, arXiv 1708.02182, section 4.1; the upper bound is that of DARTS'
  /// released code (arXiv 1806.09055).
  public func stretches(of length: Int, key: RandomKey) -> [Range<Int>] {
    var generator = key.generator()
    var (stretches, start) = ([Range<Int>](), 0)
    while start < length {
      let end = min(length, start + draw(&generator))
      stretches.append(start..<end)
      start = end
    }
    return stretches
  }

  private func draw(_ generator: inout KeyedGenerator) -> Int {
    guard shortShare > 0 || deviation > 0 else { return steps }
    let isShort = generator.bernoulli(shortShare)
    let mean = Double(steps) / (isShort ? 2 : 1)
    guard deviation > 0 else { return max(1, Int(mean)) }
    return min(steps + 20, max(5, Int(mean + deviation * generator.normal())))
  }
}
