import Foundation
import SearchCore
import Synchronization

/// The one way out: everything that the program prints goes through here.
///
/// Nothing that happens to an output traps. Where nobody reads any more (a closed pipe, a terminal
/// that is gone), the program ends quietly, or goes on unseen; where an output cannot take more (a
/// full disk), it does its work to the end and then says so in one line and fails.
enum Output {
  private struct State {
    /// What the system said of the first write to standard output that failed.
    var failure: String?
    var isUnread = false
    var outlivesReaders = false
  }

  private static let state = Mutex(State())

  /// Makes failing writes return, and gives closed descriptors to nobody else: a file that was
  /// opened as number 1 would get what is printed.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY)
    }
  }

  /// Lets the work go on when nobody reads what it prints.
  static func outliveReaders() { state.withLock { $0.outlivesReaders = true } }

  /// Prints a line.
  static func line(_ text: String) { write(text + "\n") }

  /// Prints a text as it is.
  static func write(_ text: String) {
    guard state.withLock({ $0.failure == nil && !$0.isUnread }) else { return }
    guard let error = put(text, on: 1) else { return }
    let isUnread = [EPIPE, EIO, EBADF].contains(error)
    let ends = state.withLock { state in
      if isUnread {
        state.isUnread = true
      } else {
        state.failure = String(cString: strerror(error))
      }
      return isUnread && !state.outlivesReaders
    }
    if ends { exit(EXIT_SUCCESS) }
  }

  /// Says something to the person at the keyboard, on one line of standard error.
  ///
  /// - Returns: Whether it could be written.
  @discardableResult
  static func say(_ text: String) -> Bool { draw("searchlight: \(text.onOneLine)\n") }

  /// Writes a text to standard error as it is.
  @discardableResult
  static func draw(_ text: String) -> Bool { put(text, on: 2) == nil }

  /// - Throws: If something that was printed could not be written.
  static func finish() throws {
    guard let failure = state.withLock({ $0.failure }) else { return }
    throw CommandFailure(
      "standard output could not be written (\(failure)); free some space and type the command again"
    )
  }

  /// Writes all of a text; the error number of the call that failed, if one did.
  private static func put(_ text: String, on descriptor: Int32) -> Int32? {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        // A pipe that somebody set to return at once: wait until it takes more.
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wanted, 1, 1_000)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}
