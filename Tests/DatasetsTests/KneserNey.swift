import Foundation

/// An n-gram model with interpolated modified Kneser-Ney smoothing, as a plain reference.
///
/// Source: Chen & Goodman, An Empirical Study of Smoothing Techniques for Language Modeling (1998),
/// section 4: three discounts an order, from the counts of counts; the lower orders count distinct
/// words before; the lowest one is mixed with the uniform distribution. N-grams run on over ends of
/// sentences, as the text is one sequence.
struct KneserNey {
  /// What is known of the words after a context.
  private struct Context {
    var total = 0
    /// Words seen once, twice, and more often.
    var kinds = [0, 0, 0]
  }

  private struct Order {
    var counts: [UInt64: Int] = [:]
    var contexts: [UInt64: Context] = [:]
    /// What is taken from a count of 1, of 2, and of more.
    var discounts = [0.0, 0, 0]
  }

  private let words: Int
  /// By the length of the n-gram, from 1.
  private var orders: [Order] = []

  /// Learns from a text.
  ///
  /// - Parameters:
  ///   - words: Words of the vocabulary, below 4095, so that five fit in a key.
  ///   - order: Length of the longest n-gram, from 1 to 5.
  init(_ tokens: [Int32], words: Int, order: Int) {
    self.words = words
    var counts: [UInt64: Int] = [:]
    for end in order...tokens.count {
      counts[Self.key(tokens[(end - order)..<end]), default: 0] += 1
    }
    var all = [counts]
    for length in stride(from: order, to: 1, by: -1) {
      let longer = Self.key(tokens, length)
      var lower: [UInt64: Int] = [:]
      for key in longer { lower[key & (1 << (12 * UInt64(length - 1)) - 1), default: 0] += 1 }
      all.append(lower)
    }
    orders = all.reversed().map { Self.smoothed($0) }
  }

  /// Perplexity on a text, each word after up to `order - 1` words before it.
  func perplexity(_ tokens: [Int32]) -> Double {
    var nats = 0.0
    for index in tokens.indices {
      let context = tokens[max(0, index - orders.count + 1)..<index]
      nats -= log(probability(of: tokens[index], after: context))
    }
    return exp(nats / Double(tokens.count))
  }

  func probability(of token: Int32, after context: ArraySlice<Int32>) -> Double {
    var probability = 1 / Double(words)
    for length in 1...(context.count + 1) {
      let before = Self.key(context.suffix(length - 1))
      guard let seen = orders[length - 1].contexts[before] else { break }
      let discounts = orders[length - 1].discounts
      let count = orders[length - 1].counts[before << 12 | UInt64(token + 1)] ?? 0
      let kept = count == 0 ? 0 : max(0, Double(count) - discounts[min(count, 3) - 1])
      let freed = zip(discounts, seen.kinds).reduce(0) { $0 + $1.0 * Double($1.1) }
      probability = (kept + freed * probability) / Double(seen.total)
    }
    return probability
  }

  /// Each n-gram once.
  private static func key(_ tokens: [Int32], _ length: Int) -> Set<UInt64> {
    Set((length...tokens.count).map { key(tokens[($0 - length)..<$0]) })
  }

  private static func key(_ tokens: ArraySlice<Int32>) -> UInt64 {
    tokens.reduce(0) { $0 << 12 | UInt64($1 + 1) }
  }

  private static func smoothed(_ counts: [UInt64: Int]) -> Order {
    var order = Order(counts: counts)
    var ofCounts = [0.0, 0, 0, 0, 0]
    for (key, count) in counts {
      order.contexts[key >> 12, default: Context()].total += count
      order.contexts[key >> 12]?.kinds[min(count, 3) - 1] += 1
      if count < 5 { ofCounts[count] += 1 }
    }
    let base = ofCounts[1] / max(1, ofCounts[1] + 2 * ofCounts[2])
    for count in 1...3 where ofCounts[count] > 0 {
      let next = Double(count + 1) * base * ofCounts[count + 1] / ofCounts[count]
      order.discounts[count - 1] = Double(count) - next
    }
    return order
  }
}
