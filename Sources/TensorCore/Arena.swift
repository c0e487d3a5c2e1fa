import CKernels
import Checks

/// Memory for tensors that is never given back, so that it is touched for the first time once.
///
/// The first touch of fresh memory costs 0.2 to 2 seconds a gigabyte on virtual machines; blocks
/// are recycled by size class (quarters of powers of two) instead. An arena that is not real only
/// counts: the peak memory of a step is known before any is taken.
final class Arena {
  private let isReal: Bool
  private var free: [[UnsafeMutableRawPointer]] = Array(repeating: [], count: 256)
  private var slab: UnsafeMutableRawPointer?
  private var slabBytesLeft = 0
  private(set) var mappedBytes = 0
  private(set) var bytesInUse = 0
  private(set) var peakBytesInUse = 0

  private static let slabBytes = 64 << 20
  private static let alignment = 64

  init(isReal: Bool) { self.isReal = isReal }

  /// Bytes of a block of at least `bytes`, and its class.
  static func sizeClass(_ bytes: Int) -> (index: Int, bytes: Int) {
    let size = max(bytes, 256)
    let power = Int.bitWidth - 1 - (size - 1).leadingZeroBitCount
    let quarter = 1 << (power - 2)
    let steps = (size + quarter - 1) / quarter  // 4 < steps <= 8
    return (4 * power + steps - 5, steps * quarter)
  }

  func take(bytes: Int) -> UnsafeMutableRawPointer? {
    let (index, size) = Arena.sizeClass(bytes)
    bytesInUse += size
    peakBytesInUse = max(peakBytesInUse, bytesInUse)
    guard isReal else { return nil }
    if let block = free[index].popLast() { return block }
    if size > Arena.slabBytes / 4 { return map(size) }
    if slabBytesLeft < size {
      slab = map(Arena.slabBytes)
      slabBytesLeft = Arena.slabBytes
    }
    defer {
      slab = slab.map { $0 + size }
      slabBytesLeft -= size
    }
    return slab
  }

  func give(_ block: UnsafeMutableRawPointer?, bytes: Int) {
    let (index, size) = Arena.sizeClass(bytes)
    bytesInUse -= size
    if let block { free[index].append(block) }
  }

  private func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let memory = ck_memory_map(bytes)
    check(memory != nil, "Arena: the system refused \(bytes) bytes of address space")
    mappedBytes += bytes
    return memory
  }
}

/// A block of floats that returns to its arena when nobody uses it.
final class Storage {
  let count: Int
  private let arena: Arena
  private let block: UnsafeMutableRawPointer?

  init(count: Int, arena: Arena) {
    self.count = count
    self.arena = arena
    block = arena.take(bytes: count * MemoryLayout<Float>.stride)
  }

  deinit { arena.give(block, bytes: count * MemoryLayout<Float>.stride) }

  /// The first float.
  ///
  /// - Precondition: The arena is real.
  var floats: UnsafeMutablePointer<Float> {
    require(block, "Storage: a dry tape has no values").assumingMemoryBound(to: Float.self)
  }
}
