import Foundation

/// Starts the process of a run; tests give their own.
public protocol WorkerLauncher {
  /// Starts a run.
  ///
  /// - Parameters:
  ///   - lock: The lock file that holds the suite.
  ///   - log: Where what it prints goes.
  func launch(_ run: RunSpecification, lock: URL, log: URL) throws -> any WorkerProcess
}

/// A process that does one run.
public protocol WorkerProcess: AnyObject {
  /// How it ended; `nil` while it runs.
  var exit: WorkerExit? { get }
  /// Asks it to stop at the next step boundary.
  func terminate()
}

/// How a run's process ended.
public enum WorkerExit: Hashable, Sendable {
  case finished
  /// Stopped at a step boundary; running again continues.
  case interrupted
  /// Exit code of a failure.
  case failed(code: Int32)
  /// Number of the signal that ended it.
  case killed(signal: Int32)

  /// Exit code of a worker that was stopped: the `EX_TEMPFAIL` of sysexits.
  public static let interruptedCode: Int32 = 75
  /// Exit code of a worker that failed and could not even say why, since its log could not be
  /// written: the `EX_IOERR` of sysexits.
  public static let unsaidCode: Int32 = 74
}

/// Starts runs as processes of this same program.
public struct ProcessLauncher: WorkerLauncher {
  private let executable: URL
  private let arguments: [String]
  private let environment: [String: String]

  /// Prepares a launcher.
  ///
  /// A child's standard input is a pipe that is never written to: its end tells the child that this
  /// process is gone.
  ///
  /// - Parameters:
  ///   - executable: The program.
  ///   - arguments: What follows `worker --suite LOCK --run ID`.
  ///   - environment: Variables to set for the child on top of this process's own: BLAS libraries
  ///     choose their kernel from it when they are loaded, so setting it later is too late.
  public init(executable: URL, arguments: [String] = [], environment: [String: String] = [:]) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
  }

  public func launch(_ run: RunSpecification, lock: URL, log: URL) throws -> any WorkerProcess {
    try RecordFile.createFolder(log.deletingLastPathComponent())
    let descriptor = open(log.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw RecordFile.failure("open", log) }
    let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let process = Process()
    process.executableURL = executable
    process.arguments = ["worker", "--suite", lock.path, "--run", run.id] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // The child stops when this end is closed, however this process ends.
    let lifeline = Pipe()
    process.standardInput = lifeline
    process.standardOutput = output
    process.standardError = output
    try process.run()
    return ChildProcess(process, lifeline: lifeline)
  }
}

/// A child process of the operating system.
private final class ChildProcess: WorkerProcess {
  private let process: Process
  private let lifeline: Pipe

  init(_ process: Process, lifeline: Pipe) {
    self.process = process
    self.lifeline = lifeline
  }

  var exit: WorkerExit? {
    guard !process.isRunning else { return nil }
    let code = process.terminationStatus
    if process.terminationReason == .uncaughtSignal { return .killed(signal: code) }
    return switch code {
    case 0: .finished
    case WorkerExit.interruptedCode: .interrupted
    default: .failed(code: code)
    }
  }

  func terminate() { process.terminate() }
}
