import Foundation
import Synchronization

/// Who works on a run, for processes of several machines: a file beside its journal that is touched
/// again and again.
///
/// The lock of a journal tells processes of one machine apart; not every shared file system carries it
/// to another. A lease is taken by making its file, which only one can, and is given up by removing
/// it. One whose process is gone, or that was not touched for `staleSeconds`, may be taken over.
public final class RunLease: Sendable {
  /// Whose a lease is.
  struct Owner: Codable, Hashable, CustomStringConvertible {
    var host: String
    var process: Int32
    /// Tells a process from a later one of the same number.
    var token: String

    var description: String { "process \(process) on \(host)" }
  }

  /// Seconds without a touch after which a lease is nobody's: several beats that a busy file server
  /// may delay.
  public static let staleSeconds = 300.0
  private static let beatSeconds = 20.0

  private let file: URL
  private let owner: Owner
  private let isOver = Atomic(false)

  /// Takes the lease of a run's folder.
  ///
  /// - Parameters:
  ///   - waitSeconds: How long another's may last.
  ///   - onLoss: Called if somebody else has it all of a sudden: this process was taken for dead.
  public init(
    of folder: URL, waitSeconds: Double = 0, stale: Double = staleSeconds,
    onLoss: @escaping @Sendable () -> Void
  ) throws(SuiteError) {
    file = Self.file(in: folder)
    owner = Owner(
      host: ProcessInfo.processInfo.hostName,
      process: ProcessInfo.processInfo.processIdentifier, token: UUID().uuidString)
    try RecordFile.createFolder(folder)
    let end = Date().timeIntervalSince1970 + waitSeconds
    while try !take(stale: stale) {
      guard Date().timeIntervalSince1970 < end else {
        let other = Self.read(file).map { "\($0)" } ?? "another process"
        throw SuiteError(
          "\(folder.path): \(other) works on this run; wait for it, or stop it first")
      }
      Thread.sleep(forTimeInterval: min(1, max(0.01, waitSeconds / 100)))
    }
    Thread { [self] in beat(onLoss) }.start()
  }

  /// Gives the lease up.
  public func end() {
    isOver.store(true, ordering: .relaxed)
    if Self.read(file) == owner { unlink(file.path) }
  }

  /// Refuses a folder whose lease another machine's process has.
  static func check(_ folder: URL) throws(SuiteError) {
    let file = file(in: folder)
    guard let owner = read(file), owner.host != ProcessInfo.processInfo.hostName,
      !isStale(file, after: staleSeconds)
    else { return }
    throw SuiteError("\(folder.path): \(owner) works on this run; wait for it, or stop it first")
  }

  private static func file(in folder: URL) -> URL { folder.appending(path: "lease.json") }

  private static func read(_ file: URL) -> Owner? {
    guard let data = try? Data(contentsOf: file), data.count < 10_000 else { return nil }
    return try? JSONDecoder().decode(Owner.self, from: data)
  }

  /// Makes the file if there is none or it is nobody's.
  private func take(stale: Double) throws(SuiteError) -> Bool {
    if try make() { return true }
    guard let other = Self.read(file) else {
      // It was given up meanwhile, or is being written.
      return false
    }
    guard Self.isGone(other) || Self.isStale(file, after: stale) else { return false }
    // Only one of those who want it can move this very file away.
    let aside = file.deletingLastPathComponent().appending(path: ".lease.\(owner.token)")
    guard rename(file.path, aside.path) == 0 else { return false }
    defer { unlink(aside.path) }
    guard Self.read(aside) == other else {
      // Another was faster, and this is the lease that it made.
      link(aside.path, file.path)
      return false
    }
    return try make()
  }

  private func make() throws(SuiteError) -> Bool {
    // Written whole under a name of its own, then linked: nobody reads half an owner.
    let own = file.deletingLastPathComponent().appending(path: ".lease.new.\(owner.token)")
    guard let data = try? JSONEncoder().encode(owner) else { return false }
    try RecordFile.write(data, to: own, durable: false)
    defer { unlink(own.path) }
    if link(own.path, file.path) == 0 { return true }
    guard errno == EEXIST else { throw RecordFile.failure("link to", file) }
    return false
  }

  /// Whether an owner was a process of this machine that has ended.
  private static func isGone(_ owner: Owner) -> Bool {
    owner.host == ProcessInfo.processInfo.hostName && kill(owner.process, 0) != 0 && errno == ESRCH
  }

  /// Whether a file was not touched for some seconds, by the clock of its file system.
  private static func isStale(_ file: URL, after seconds: Double) -> Bool {
    let probe = file.deletingLastPathComponent().appending(path: ".lease.probe.\(UUID())")
    let descriptor = open(probe.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return false }
    defer {
      close(descriptor)
      unlink(probe.path)
    }
    var (now, then) = (stat(), stat())
    guard fstat(descriptor, &now) == 0, stat(file.path, &then) == 0 else { return false }
    return Double(now.st_mtim.tv_sec - then.st_mtim.tv_sec) > seconds
  }

  private func beat(_ onLoss: () -> Void) {
    var seconds = 0.0
    while !isOver.load(ordering: .relaxed) {
      Thread.sleep(forTimeInterval: 0.25)
      seconds += 0.25
      guard seconds >= Self.beatSeconds else { continue }
      seconds = 0
      guard !isOver.load(ordering: .relaxed) else { return }
      guard Self.read(file) == owner else { return onLoss() }
      utimensat(AT_FDCWD, file.path, nil, 0)
    }
  }
}
