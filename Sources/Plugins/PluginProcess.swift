import Foundation
import SearchCore

/// A child process that answers requests: one JSON object a line, on standard input and output.
///
/// It has a process group of its own, an empty folder to work in that is removed at the end, and only
/// a few of this process's variables. Standard error is read as it comes and its end kept for
/// messages. Every request has a deadline, and no line may be longer than `longestLine`.
package final class PluginProcess {
  /// Bytes of the longest line in either direction.
  package static let longestLine = 1 << 20
  /// Bytes of standard error that are kept.
  private static let keptErrors = 64 << 10
  /// Seconds that a child gets to end once its input is closed, and again after SIGTERM.
  private static let grace = 5.0

  /// Variables of this process that the child gets, if they are set.
  private static let passedOn = [
    "CUDA_VISIBLE_DEVICES", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYENV_ROOT",
    "PYTHONPATH", "TMPDIR", "VIRTUAL_ENV",
  ]

  /// The command as people would type it, for messages.
  package let line: String

  private let deadlineSeconds: Double
  /// Where it works.
  package let folder: URL
  private let process: pid_t
  private let (input, output, errors): (Int32, Int32, Int32)
  /// When the request under way must be answered.
  private var deadline = 0.0
  private var received = Data()
  private var errorText = Data()
  private var status: Int32?

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - arguments: The program, looked up along `PATH` unless it is a path, and its arguments.
  ///   - deadlineSeconds: Seconds within which it must answer.
  ///   - environment: Variables of this process; few of them are passed on.
  package init(
    _ arguments: [String], shownAs line: String, deadlineSeconds: Double,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(PluginError) {
    self.line = line.onOneLine
    self.deadlineSeconds = deadlineSeconds
    Self.surviveClosedPipes()
    guard Spawn.exists(arguments[0], path: environment["PATH"] ?? "/usr/bin:/bin") else {
      throw PluginError(
        "'\(line)': there is no program '\(arguments[0])' here; install it, or give its path")
    }
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "searchlight-plugin-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    } catch {
      throw PluginError("'\(line)': cannot make the folder \(folder.path) for it to work in")
    }
    self.folder = folder
    var variables = environment.filter { Self.passedOn.contains($0.key) }
    // Whatever it draws must not depend on a seed that its interpreter makes up.
    variables["PYTHONHASHSEED"] = "0"
    // Nothing is written beside a project's files.
    variables["PYTHONDONTWRITEBYTECODE"] = "1"
    do {
      let child = try Spawn(arguments, variables: variables, folder: folder)
      (process, input, output, errors) = (child.process, child.input, child.output, child.errors)
    } catch {
      try? FileManager.default.removeItem(at: folder)
      throw PluginError("'\(line)': cannot be started: \(error.description)")
    }
  }

  deinit { close() }

  // MARK: Requests

  /// Sends a line and waits for the line that answers it.
  ///
  /// - Parameter name: What is asked for, for messages.
  package func exchange(_ text: Data, for name: String) throws(PluginError) -> Data {
    try begin(text, for: name)
    while true {
      if let answer = try answer(to: name, within: .infinity) { return answer }
    }
  }

  /// Sends a line; from now on its deadline runs.
  package func begin(_ text: Data, for name: String) throws(PluginError) {
    deadline = Self.now + deadlineSeconds
    try send(text + Data([10]), for: name)
  }

  /// Waits for the line that answers the last one sent; `nil` if it is not there in time.
  ///
  /// - Parameter seconds: How long to wait at most; the deadline counts all of them.
  package func answer(to name: String, within seconds: Double) throws(PluginError) -> Data? {
    let end = Self.now + seconds
    while true {
      if let newline = received.firstIndex(of: 10) {
        let answer = Data(received[received.startIndex..<newline])
        received = Data(received[(newline + 1)...])
        return answer
      }
      guard received.count <= Self.longestLine else {
        throw failure("\(name): answered with a line of more than \(Self.longestLine) bytes")
      }
      guard Self.now < end else { return nil }
      try wait(for: name, until: end, writing: false)
    }
  }

  private func send(_ text: Data, for name: String) throws(PluginError) {
    var rest = text[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if errno == EAGAIN {
        try wait(for: name, until: deadline, writing: true)
      } else if errno != EINTR {
        // It has closed its input; what it said before is still to be read.
        return
      }
    }
  }

  /// Waits until there is something to read, or room to write, and reads what is there.
  private func wait(
    for name: String, until end: Double, writing: Bool
  ) throws(PluginError) {
    guard deadline > Self.now else {
      throw failure(
        "\(name): no answer within \(Int(deadlineSeconds.rounded(.up))) s; "
          + "raise 'deadline-seconds' if it needs longer")
    }
    let left = max(0, min(deadline, end) - Self.now)
    var waiting = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
      pollfd(fd: input, events: Int16(POLLOUT), revents: 0),
    ]
    _ = poll(&waiting, writing ? 3 : 2, Int32(min(left * 1000, 1e9).rounded(.up)))
    if waiting[1].revents != 0 { drainErrors() }
    guard waiting[0].revents != 0 else { return }
    if Self.read(output, onto: &received) == 0 { throw ended(name) }
  }

  /// Reads what there is.
  ///
  /// - Returns: Number of bytes; 0 at the end, -1 if there is nothing now.
  private static func read(_ descriptor: Int32, onto data: inout Data) -> Int {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    if count > 0 { data.append(contentsOf: buffer[..<count]) }
    return count
  }

  private func drainErrors() {
    while Self.read(errors, onto: &errorText) > 0 {
      if errorText.count > Self.keptErrors { errorText = Data(errorText.suffix(Self.keptErrors)) }
    }
  }

  // MARK: The end

  /// A failure in one line, with what the program said last.
  package func failure(_ message: String) -> PluginError {
    drainErrors()
    let said = String(decoding: errorText, as: UTF8.self)
      .split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
    let last = said.map { "; it last said: " + $0.prefix(300).trimmingCharacters(in: .whitespaces) }
    return PluginError("'\(line)': \(message)\(last ?? "")".onOneLine)
  }

  /// The program went away in the middle of a request.
  private func ended(_ name: String) -> PluginError {
    let end = Self.now + 1
    while !hasEnded, Self.now < end { usleep(2_000) }
    guard let status else { return failure("\(name): closed its output without an answer") }
    let signal = status & 0x7F
    return failure(
      signal == 0
        ? "\(name): ended with code \((status >> 8) & 0xFF) without an answer"
        : "\(name): was killed by signal \(signal)")
  }

  private var hasEnded: Bool {
    if status != nil { return true }
    var status: Int32 = 0
    guard waitpid(process, &status, WNOHANG) == process else { return false }
    self.status = status
    return true
  }

  private var (isClosed, isInputClosed) = (false, false)

  /// Ends the program: its input is closed, and what is still there after a while is killed with
  /// everything that it started.
  package func close() {
    guard !isClosed else { return }
    isClosed = true
    if !isInputClosed { Glibc.close(input) }
    if !endsWithinGrace() {
      Glibc.kill(-process, SIGTERM)
      _ = endsWithinGrace()
    }
    // Also what it left behind.
    Glibc.kill(-process, SIGKILL)
    while !hasEnded { usleep(1_000) }
    Glibc.close(output)
    Glibc.close(errors)
    try? FileManager.default.removeItem(at: folder)
  }

  /// Kills the program at once, as the system does when memory is short.
  package func kill() {
    Glibc.kill(-process, SIGKILL)
    while !hasEnded { usleep(1_000) }
  }

  /// Closes its input and waits for its end.
  ///
  /// - Returns: Its exit code; `nil` if it went on, or was ended by a signal.
  package func closeInput() -> Int32? {
    Glibc.close(input)
    isInputClosed = true
    guard endsWithinGrace(), let status, status & 0x7F == 0 else { return nil }
    return (status >> 8) & 0xFF
  }

  /// Asks it to end, by the usual signal.
  ///
  /// - Returns: Whether it did.
  package func terminate() -> Bool {
    Glibc.kill(process, SIGTERM)
    return endsWithinGrace()
  }

  private func endsWithinGrace() -> Bool {
    let end = Self.now + Self.grace
    while !hasEnded {
      guard Self.now < end else { return false }
      // What it says at its end must not block it.
      drainErrors()
      while Self.read(output, onto: &received) > 0 { received = Data() }
      usleep(1_000)
    }
    return true
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Writing to a program that has gone must fail, not kill this one.
  private static func surviveClosedPipes() { _ = ignoringClosedPipes }
  private static let ignoringClosedPipes: Bool = {
    signal(SIGPIPE, SIG_IGN)
    return true
  }()
}
