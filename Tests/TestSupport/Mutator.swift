import Foundation
import Randomness

/// Spoils bytes in the ways that files are spoilt, and in those that parsers dislike.
///
/// The same key gives the same mutations, so that whatever is found can be found again.
public struct Mutator {
  private var generator: KeyedGenerator

  /// Numbers around which parsers slip.
  private static let texts = [
    "0", "-1", "255", "65536", "2147483648", "9223372036854775807", "9223372036854775808",
    "18446744073709551616", "1e999", "-0.0", "NaN", ".inf", "null", "true", "\"", "{", "}", "[",
    "]", ",", ":", "\\u0000", "\n", "\t", "- ", "&a ", "*a", "!!binary ", "<<: ", "%", "\u{FEFF}",
  ]

  /// Starts a sequence of mutations.
  public init(key: RandomKey) { generator = key.generator() }

  /// How long fuzzing goes on: `$SEARCHLIGHT_FUZZ_SECONDS`, else a moment.
  public static var seconds: Double {
    ProcessInfo.processInfo.environment["SEARCHLIGHT_FUZZ_SECONDS"].flatMap { Double($0) } ?? 1
  }

  /// Gives mutated inputs to a parser until the time is over.
  ///
  /// - Parameters:
  ///   - seeds: Good inputs to begin from.
  ///   - parse: Must not crash; what it throws is its own affair.
  /// - Returns: How many inputs were given.
  public static func fuzz(
    _ seeds: [[UInt8]], key: RandomKey, parse: ([UInt8]) throws -> Void
  ) -> Int {
    var mutator = Mutator(key: key)
    let start = ContinuousClock.now
    var count = 0
    while ContinuousClock.now - start < .seconds(seconds) {
      for _ in 0..<20 {
        var bytes = mutator.generator.element(of: seeds)
        mutator.mutate(&bytes, donor: mutator.generator.element(of: seeds))
        count += 1
        do { try parse(bytes) } catch { continue }
      }
    }
    return count
  }

  /// Spoils bytes in one to six places.
  public mutating func mutate(_ bytes: inout [UInt8], donor: [UInt8]) {
    for _ in 0...generator.integer(below: 6) { mutateOnce(&bytes, donor) }
  }

  private mutating func mutateOnce(_ bytes: inout [UInt8], _ donor: [UInt8]) {
    let place = bytes.isEmpty ? 0 : generator.integer(below: bytes.count)
    switch generator.integer(below: 9) {
    case 0 where !bytes.isEmpty: bytes[place] ^= UInt8(1 << generator.integer(below: 8))
    case 1 where !bytes.isEmpty: bytes[place] = UInt8(generator.integer(below: 256))
    case 2: bytes = Array(bytes[..<place])
    case 3: bytes.insert(contentsOf: generator.element(of: Self.texts).utf8, at: place)
    case 4: bytes.removeSubrange(place..<min(bytes.count, place + generator.integer(below: 9)))
    case 5:
      let end = min(bytes.count, place + generator.integer(below: 40))
      bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 6 where !donor.isEmpty:
      let from = generator.integer(below: donor.count)
      bytes = Array(bytes[..<place]) + donor[from...]
    case 7 where place + 4 <= bytes.count:
      for offset in 0..<4 { bytes[place + offset] = generator.bernoulli(0.5) ? 0xFF : 0 }
    default: replaceNumber(&bytes, after: place)
    }
  }

  private mutating func replaceNumber(_ bytes: inout [UInt8], after place: Int) {
    let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
    guard let start = bytes[min(place, bytes.count)...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    bytes.replaceSubrange(start..<end, with: generator.element(of: Self.texts).utf8)
  }
}
