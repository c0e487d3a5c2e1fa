import Checks

/// A stream of draws from one key.
///
/// Deliberately not a `RandomNumberGenerator`: the standard library's sampling functions may
/// change between Swift releases, so all sampling is done by the functions here.
public struct KeyedGenerator: Sendable, Codable, Hashable {
  private let key: RandomKey
  private var position: UInt64 = 0
  private var block = SIMD4<UInt32>()

  init(key: RandomKey) { self.key = key }

  /// Draws 32 uniform bits.
  public mutating func nextWord() -> UInt32 {
    if position & 3 == 0 {
      let index = position >> 2
      block = Philox.block(
        counter: SIMD4(
          UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), 0, 0),
        key: key.words)
    }
    defer { position += 1 }
    return block[Int(position & 3)]
  }

  /// Draws an integer uniformly from `0..<bound`.
  ///
  /// - Precondition: `bound` is from 1 to 2³¹.
  public mutating func integer(below bound: Int) -> Int {
    check(bound >= 1 && bound <= 1 << 31, "integer(below: \(bound)): expected from 1 to 2^31")
    // Lemire's multiply-and-reject (doi:10.1145/3230636): exact, and rarely a second draw.
    let range = UInt32(bound)
    var product = UInt64(nextWord()) &* UInt64(range)
    let threshold = (0 &- range) % range
    while UInt32(truncatingIfNeeded: product) < threshold {
      product = UInt64(nextWord()) &* UInt64(range)
    }
    return Int(product >> 32)
  }

  /// Draws a real number uniformly from [0, 1), on a grid of 2⁻⁵³.
  public mutating func uniform() -> Double {
    let high = UInt64(nextWord() >> 5)
    let low = UInt64(nextWord() >> 6)
    return Double(high << 26 | low) * 0x1p-53
  }

  /// Draws a real number uniformly from `range`.
  public mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// Draws true with the given probability.
  public mutating func bernoulli(_ probability: Double) -> Bool { uniform() < probability }

  /// Draws from the standard normal distribution.
  ///
  /// Uses Leva's ratio of uniforms (doi:10.1145/138351.138364) with `PortableMath.log`, so that
  /// the bits are the same on every machine.
  public mutating func normal() -> Double {
    while true {
      let u = 1 - uniform()
      let v = 1.7156 * (uniform() - 0.5)
      let x = u - 0.449871
      let y = (v < 0 ? -v : v) + 0.386595
      let q = x * x + y * (0.19600 * y - 0.25472 * x)
      if q < 0.27597 { return v / u }
      if q > 0.27846 { continue }
      if v * v <= -4 * PortableMath.log(u) * u * u { return v / u }
    }
  }

  /// Draws an index with probability proportional to its weight.
  ///
  /// - Precondition: No weight is negative, and their sum is positive.
  public mutating func categorical(weights: [Double]) -> Int {
    var total = 0.0
    for weight in weights { total += weight }
    var rest = uniform() * total
    for (index, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return index }
    }
    // Rounding may leave a sliver past the last positive weight.
    return weights.lastIndex { $0 > 0 } ?? 0
  }

  /// Draws a permutation of `0..<count` (Fisher and Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    shuffle(&order)
    return order
  }

  /// Puts the elements in random order (Fisher and Yates).
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, integer(below: last + 1))
    }
  }

  /// Draws one element uniformly.
  ///
  /// - Precondition: There is at least one element.
  public mutating func element<Element>(of elements: [Element]) -> Element {
    elements[integer(below: elements.count)]
  }
}
