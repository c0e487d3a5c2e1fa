import Foundation

/// The record of one run: JSON lines, each chained to the one before by its hash.
///
/// A line is a commit: a torn last line is dropped, a damaged line before it is refused with its
/// place. The file is locked while it is open, so that two processes never write one run.
public final class Journal {
  /// What a journal file holds.
  public struct Content: Sendable {
    public var lines: [JournalLine]
    /// Bytes of the whole lines; what follows is torn.
    public var length: Int
    /// Whether the last line is whole but for its end, as some editors leave it.
    public var lacksEnd = false
    /// Chain value after each line.
    public var hashes: [String]

    /// Chain value after the last line.
    var hash: String { hashes.last ?? JournalLine.firstHash }
  }

  /// Lines so far.
  public private(set) var lines: [JournalLine]
  /// Chain value after each line.
  private(set) var hashes: [String]
  private var length: Int
  private let descriptor: Int32
  private let url: URL
  private let encoder = JSONEncoder()

  /// Largest journal that is read, in bytes.
  private static let sizeLimit = 1 << 30

  /// Opens a run's journal for writing, or starts one.
  ///
  /// - Parameter waitSeconds: How long another process may take to let go of it.
  /// - Throws: `SuiteError` if another process has it, if it is damaged, or if the disk fails.
  public init(opening url: URL, waitSeconds: Double = 0) throws(SuiteError) {
    self.url = url
    try RecordFile.createFolder(url.deletingLastPathComponent())
    descriptor = open(url.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw RecordFile.failure("open", url) }
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    lines = []
    hashes = []
    length = 0
    do throws(SuiteError) {
      // The file's lock may not reach a process of another machine.
      try RunLease.check(url.deletingLastPathComponent())
      guard Self.lock(descriptor, waitSeconds: waitSeconds) else {
        throw SuiteError(
          "\(url.path): another process works on this run; wait for it, or stop it first")
      }
      let content = try Self.read(url)
      lines = content.lines
      hashes = content.hashes
      length = content.length
      guard ftruncate(descriptor, off_t(content.length)) == 0 else {
        throw RecordFile.failure("truncate", url)
      }
      if content.lacksEnd {
        try RecordFile.writeAll(Data("\n".utf8), to: descriptor, of: url)
        length += 1
      }
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// Adds a line; a kill of this process afterwards does not lose it.
  public func append(_ event: JournalEvent, clock: JournalLine.Clock) throws {
    let line = JournalLine(sequence: lines.count, event: event, clock: clock)
    let (data, newHash) = try line.encoded(after: hash, with: encoder)
    do {
      try RecordFile.writeAll(data, to: descriptor, of: url)
    } catch {
      // Half a line in front of a later one would be a damaged middle.
      guard ftruncate(descriptor, off_t(length)) == 0 else {
        throw RecordFile.failure("truncate", url)
      }
      throw error
    }
    length += data.count
    hashes.append(newHash)
    lines.append(line)
  }

  /// Chain value after the last line.
  var hash: String { hashes.last ?? JournalLine.firstHash }

  /// Waits until everything is on disk; a power cut afterwards does not lose it.
  public func synchronize() throws(SuiteError) {
    guard fsync(descriptor) == 0 else { throw RecordFile.failure("sync", url) }
  }

  /// Takes the lock; somebody who only looks whether it is taken holds it for an instant.
  private static func lock(_ descriptor: Int32, waitSeconds: Double) -> Bool {
    for attempt in 0..<max(5, Int(100 * waitSeconds)) {
      if attempt > 0 { Thread.sleep(forTimeInterval: 0.01) }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    }
    return false
  }

  /// Whether a process has the journal open for writing.
  public static func isLocked(_ url: URL) -> Bool {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0
  }

  /// Reads a journal without locking it.
  ///
  /// - Throws: `SuiteError` naming the first damaged line.
  public static func read(_ url: URL) throws(SuiteError) -> Content {
    let data: Data
    do {
      data = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      throw SuiteError("\(url.path): cannot be read; expected a run's journal there")
    }
    return try read(data, from: url)
  }

  /// Reads a journal's bytes.
  ///
  /// - Parameter url: Where they come from, for errors.
  package static func read(_ data: Data, from url: URL) throws(SuiteError) -> Content {
    guard data.count <= sizeLimit else {
      throw SuiteError("\(url.path): larger than 1 GiB; expected a run's journal")
    }
    let decoder = JSONDecoder()
    var content = Content(lines: [], length: 0, hashes: [])
    var start = data.startIndex
    while start < data.endIndex {
      let end = newline(in: data, from: start)
      let result = JournalLine.decoded(
        JournalLine.unedited(data[start..<(end ?? data.endIndex)]), after: content.hash,
        sequence: content.lines.count, with: decoder)
      switch result {
      case .success(let (line, hash)):
        content.lines.append(line)
        content.hashes.append(hash)
      case .failure(let problem):
        // Without an end it is torn, and no commit.
        guard end != nil else { return content }
        throw SuiteError(
          "\(url.path):\(content.lines.count + 1): line \(problem.description); nothing from here "
            + "on is trusted; move the run's folder away and run again")
      }
      content.lacksEnd = end == nil
      start = end.map { data.index(after: $0) } ?? data.endIndex
      content.length = start - data.startIndex
    }
    return content
  }

  /// The first end of a line at or after an index; `Data` itself looks at byte after byte.
  private static func newline(in data: Data, from start: Int) -> Int? {
    data.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return nil }
      let offset = start - data.startIndex
      guard let found = memchr(base + offset, 0x0A, bytes.count - offset) else { return nil }
      return data.startIndex + (UnsafeRawPointer(found) - base)
    }
  }

  /// The last whole line of a journal that need not be read to its beginning.
  ///
  /// The line is checked against the one before it, and nothing else is: for those who look.
  ///
  /// - Returns: `nil` if the journal's last 64 KiB do not hold two whole lines, or if something is
  ///   wrong with the last, so that only reading the whole journal tells more.
  static func lastLine(_ url: URL) -> JournalLine? {
    guard var tail = tail(of: url) else { return nil }
    if tail.last == 0x0A { tail.removeLast() }
    guard let end = tail.lastIndex(of: 0x0A) else { return nil }
    let start = tail[..<end].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    guard let hash = JournalLine.hash(in: JournalLine.unedited(tail[start..<end])) else {
      return nil
    }
    let line = JournalLine.decoded(
      JournalLine.unedited(tail[(end + 1)...]), after: hash, sequence: nil, with: JSONDecoder())
    return try? line.get().0
  }

  /// The last 64 KiB of a file, or what there is.
  private static func tail(of url: URL) -> Data? {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    guard size > 0 else { return nil }
    let start = max(0, size - 65_536)
    var data = Data(count: Int(size - start))
    let count = data.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, start) }
    // Cut off while it was looked at: the run was moved away or taken up.
    return count == data.count ? data : nil
  }
}
