import Foundation
import OperationCosts
import SearchCore

/// What the unfinished piece of work of a run has cost, rewritten in place after every step.
///
/// One small write that a kill of the process does not undo, so that what a kill lost is known to
/// the step. Readings go to two places in turn: should one be torn, the one before it stands. A
/// power cut may leave an older reading: then less is known to be lost, never more. There is no file
/// before the first reading, so that a run of look-ups needs none.
final class SpendingMeter {
  /// What stands on the meter.
  struct Reading: Hashable {
    /// Line number of the session that wrote it.
    var session: Int
    /// Name of the piece of work.
    var work: String
    /// What the piece has cost so far, what came from its checkpoint included.
    var charges: Ledger
    /// What the whole run was measured to spend.
    var measured: MeasuredCosts
  }

  private static let magic: UInt64 = 0x3172_6574_656D_6C73
  private static let nameBytes = 64
  private static let phaseWords = 11
  private static let words = 4 + nameBytes / 8 + phaseWords * Phase.allCases.count

  private let url: URL
  /// -1 as long as there is no file.
  private var descriptor: Int32
  /// Number of the next reading.
  private var count: UInt64 = 0

  /// Opens the meter of a run's folder, if there is one.
  init(_ url: URL) throws(SuiteError) {
    self.url = url
    descriptor = open(url.path, O_RDWR | O_CLOEXEC)
    if descriptor < 0 {
      guard errno == ENOENT else { throw RecordFile.failure("open", url) }
      return
    }
    count = (0..<2).compactMap { words(at: $0)?[1] }.max().map { $0 &+ 1 } ?? 0
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Replaces what stands on the meter.
  func write(_ reading: Reading) throws(SuiteError) {
    if descriptor < 0 {
      descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw RecordFile.failure("open", url) }
    }
    var words = [Self.magic, count, UInt64(reading.session)]
    words.reserveCapacity(Self.words)
    var name = Array(reading.work.utf8.prefix(Self.nameBytes))
    name += Array(repeating: 0, count: Self.nameBytes - name.count)
    for start in stride(from: 0, to: Self.nameBytes, by: 8) {
      words.append((0..<8).reduce(0) { $0 | UInt64(name[start + $1]) << (8 * $1) })
    }
    for phase in Phase.allCases {
      let charge = reading.charges.charge(of: phase)
      for amount in [charge.flops, charge.bytes, charge.referenceNanoseconds] {
        words += [UInt64(truncatingIfNeeded: amount), UInt64(truncatingIfNeeded: amount >> 64)]
      }
      let cost = reading.measured[phase]
      words += [
        UInt64(charge.trainingExamples), UInt64(bitPattern: Int64(cost.wallNanoseconds)),
        UInt64(bitPattern: Int64(cost.cpuNanoseconds)), cost.microjoules == nil ? 0 : 1,
        UInt64(bitPattern: Int64(cost.microjoules ?? 0)),
      ]
    }
    words.append(Self.checksum(words))
    let place = off_t(8 * Self.words) * off_t(count & 1)
    let written = words.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, place) }
    guard written == 8 * Self.words else { throw RecordFile.failure("write", url) }
    count &+= 1
  }

  /// What stands at one of the two places; `nil` if it is damaged.
  private func words(at place: Int) -> [UInt64]? {
    var words = [UInt64](repeating: 0, count: Self.words)
    let start = off_t(8 * Self.words * place)
    let count = words.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, start) }
    guard count == 8 * Self.words, words[0] == Self.magic,
      words[Self.words - 1] == Self.checksum(words.dropLast()), words[1] < 1 << 62,
      words[2] < 1 << 40
    else { return nil }
    return words
  }

  /// What stands on the meter; `nil` if nothing was written or it is damaged.
  func read() -> Reading? {
    guard descriptor >= 0 else { return nil }
    let found = (0..<2).compactMap { words(at: $0) }
    guard let words = found.max(by: { $0[1] < $1[1] }) else { return nil }
    let name = words[3..<3 + Self.nameBytes / 8].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
    var charges = Ledger()
    var measured = MeasuredCosts()
    var next = 3 + Self.nameBytes / 8
    for phase in Phase.allCases {
      let part = Array(words[next..<next + Self.phaseWords])
      next += Self.phaseWords
      func amount(_ index: Int) -> Int128 { Int128(part[index]) | Int128(part[index + 1]) << 64 }
      func integer(_ index: Int) -> Int { Int(Int64(bitPattern: part[index])) }
      charges.add(
        Charge(
          flops: amount(0), bytes: amount(2), referenceNanoseconds: amount(4),
          trainingExamples: integer(6)), to: phase)
      measured.add(
        MeasuredCost(
          wallNanoseconds: integer(7), cpuNanoseconds: integer(8),
          microjoules: part[9] == 0 ? nil : integer(10)), to: phase)
    }
    return Reading(
      session: Int(words[2]), work: String(decoding: name.prefix { $0 != 0 }, as: UTF8.self),
      charges: charges, measured: measured)
  }

  /// FNV-1a over the words: finds a torn write, and is no defence against forgery.
  private static func checksum(_ words: some Sequence<UInt64>) -> UInt64 {
    words.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ $1) &* 0x100_0000_01B3 }
  }
}
