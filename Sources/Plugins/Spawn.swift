import Foundation
import Synchronization

/// A program that was started, with its ends of three pipes here.
struct Spawn {
  let process: pid_t
  let input: Int32
  let output: Int32
  let errors: Int32

  /// Why a program could not be started: the system's words.
  struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ code: Int32) { description = String(cString: strerror(code)) }
  }

  /// Whether a program is there, on the given `PATH` unless its name is a path.
  static func exists(_ program: String, path: String) -> Bool {
    let places =
      program.contains("/") ? [program] : path.split(separator: ":").map { "\($0)/\(program)" }
    return places.contains { access($0, X_OK) == 0 }
  }

  /// Starts a program as the leader of a process group.
  ///
  /// Every descriptor of this process is closed in it but for its ends of the three pipes. Two threads
  /// do not do this at once, or one's child would hold the other's pipe open.
  init(
    _ arguments: [String], variables: [String: String], folder: URL
  ) throws(Failure) {
    self = try Self.oneAtATime.withLock { _ throws(Failure) in
      try Spawn(alone: arguments, variables: variables, folder: folder)
    }
  }

  private static let oneAtATime = Mutex(())

  private init(
    alone arguments: [String], variables: [String: String], folder: URL
  ) throws(Failure) {
    let pipes = try (0..<3).map { _ throws(Failure) in try Self.pipe() }
    defer { for end in [pipes[0].read, pipes[1].write, pipes[2].write] { close(end) } }
    func give(up code: Int32) -> Failure {
      for end in [pipes[0].write, pipes[1].read, pipes[2].read] { close(end) }
      return Failure(code)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, pipes[0].read, 0)
    posix_spawn_file_actions_adddup2(&actions, pipes[1].write, 1)
    posix_spawn_file_actions_adddup2(&actions, pipes[2].write, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // It gets the signals that this process ignores or blocks as every program expects them.
    var (all, none) = (sigset_t(), sigset_t())
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    // Not everything in this process is marked to be closed.
    let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    for descriptor in open.compactMap({ Int32($0) }) where descriptor > 2 {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    // The system's own call has no folder to start in.
    let words = (["sh", "-c", "cd \"$0\" && exec \"$@\"", folder.path] + arguments)
      .map { strdup($0) }
    let settings = variables.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") }
    defer { for text in words + settings { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(
      &process, "/bin/sh", &actions, &attributes, words + [nil], settings + [nil])
    guard code == 0 else { throw give(up: code) }
    self.process = process
    (input, output, errors) = (pipes[0].write, pipes[1].read, pipes[2].read)
    for end in [input, output, errors] { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
  }

  private static func pipe() throws(Failure) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw Failure(errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}
