/// What a piece of work is charged: exact integers, so that sums do not depend on their order.
///
/// Amounts are 128 bits wide: the protocols of the papers need more floating-point operations
/// (10²⁰ and more) than 64 bits hold.
public struct Charge: Hashable, Sendable {
  /// Canonical floating-point operations.
  public var flops: Int128
  /// Canonical bytes moved.
  public var bytes: Int128
  /// Modelled time on the study's reference device, in nanoseconds.
  public var referenceNanoseconds: Int128
  /// Training examples consumed; the epochs of a budget are counted by it.
  public var trainingExamples: Int

  public init(
    flops: Int128 = 0, bytes: Int128 = 0, referenceNanoseconds: Int128 = 0,
    trainingExamples: Int = 0
  ) {
    self.flops = flops
    self.bytes = bytes
    self.referenceNanoseconds = referenceNanoseconds
    self.trainingExamples = trainingExamples
  }

  public static let zero = Charge()

  /// Floating-point operations, or `nil` if unknown: recorded tables give a time alone, and work
  /// that takes time is never free of arithmetic.
  public var knownFlops: Int128? { flops == 0 && referenceNanoseconds > 0 ? nil : flops }

  public static func + (left: Charge, right: Charge) -> Charge {
    Charge(
      flops: left.flops + right.flops, bytes: left.bytes + right.bytes,
      referenceNanoseconds: left.referenceNanoseconds + right.referenceNanoseconds,
      trainingExamples: left.trainingExamples + right.trainingExamples)
  }

  public static func - (left: Charge, right: Charge) -> Charge { left + right * -1 }

  public static func += (left: inout Charge, right: Charge) { left = left + right }

  /// The charge of the same work done several times.
  public static func * (charge: Charge, count: Int) -> Charge {
    Charge(
      flops: charge.flops * Int128(count), bytes: charge.bytes * Int128(count),
      referenceNanoseconds: charge.referenceNanoseconds * Int128(count),
      trainingExamples: charge.trainingExamples * count)
  }

  /// A part of the work, rounded down in each of its numbers.
  public static func / (charge: Charge, count: Int) -> Charge {
    Charge(
      flops: charge.flops / Int128(count), bytes: charge.bytes / Int128(count),
      referenceNanoseconds: charge.referenceNanoseconds / Int128(count),
      trainingExamples: charge.trainingExamples / count)
  }
}

extension Charge: Codable {
  private enum CodingKeys: String, CodingKey {
    case flops, bytes, referenceNanoseconds, trainingExamples
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      flops: try container.decodeAmount(forKey: .flops),
      bytes: try container.decodeAmount(forKey: .bytes),
      referenceNanoseconds: try container.decodeAmount(forKey: .referenceNanoseconds),
      trainingExamples: try container.decode(Int.self, forKey: .trainingExamples))
    guard (0..<1 << 60).contains(trainingExamples) else {
      throw DecodingError.dataCorruptedError(
        forKey: .trainingExamples, in: container, debugDescription: "found no count of 0 to 2^60")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeAmount(flops, forKey: .flops)
    try container.encodeAmount(bytes, forKey: .bytes)
    try container.encodeAmount(referenceNanoseconds, forKey: .referenceNanoseconds)
    try container.encode(trainingExamples, forKey: .trainingExamples)
  }
}

extension KeyedDecodingContainer {
  /// Reads an amount as `encodeAmount` writes it.
  ///
  /// - Throws: `DecodingError` unless it is from 0 to below 2⁹⁰, about 10²⁷, so that no sum of
  ///   records can overflow.
  package func decodeAmount(forKey key: Key) throws -> Int128 {
    let number = try? decode(Int.self, forKey: key)
    let value = try number.map { Int128($0) } ?? Int128(decode(String.self, forKey: key))
    guard let value, value >= 0, value < Int128(1) << 90 else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "found no amount of 0 to 2^90")
    }
    return value
  }
}

extension KeyedEncodingContainer {
  /// Writes an amount that 64 bits hold as a number, a larger one as a text of decimal digits,
  /// since readers of JSON round large numbers.
  package mutating func encodeAmount(_ amount: Int128, forKey key: Key) throws {
    if let number = Int(exactly: amount) {
      try encode(number, forKey: key)
    } else {
      try encode(String(amount), forKey: key)
    }
  }
}
