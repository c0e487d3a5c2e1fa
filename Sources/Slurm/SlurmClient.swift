import Foundation

/// The programs of Slurm, as a shell would find them.
public struct SlurmClient: Sendable {
  /// What the scheduler says of an element.
  public enum Place: Hashable, Sendable {
    case queued, running
  }

  /// An element of an array.
  public struct Element: Hashable, Sendable {
    public let job: Int
    public let index: Int

    public init(job: Int, index: Int) { (self.job, self.index) = (job, index) }
  }

  /// Runs a program and gives its code and what it printed; tests give their own.
  public typealias Launch =
    @Sendable (
      _ words: [String], _ input: String
    ) throws -> (code: Int32, output: String, errors: String)

  private let launch: Launch

  /// Prepares a client.
  public init(launch: @escaping Launch = SlurmClient.launch) { self.launch = launch }

  /// Submits an array.
  ///
  /// - Returns: Id of its job.
  public func submit(_ array: SlurmArray) throws -> Int {
    let output = try run(["sbatch", "--parsable"], input: array.script)
    let id = output.prefix { $0 != ";" && !$0.isNewline }
    guard let job = Int(id) else {
      throw SlurmError("sbatch: found '\(output.prefix(80))'; expected the number of a job")
    }
    return job
  }

  /// Elements that an array may have on this cluster.
  public func mostElements() throws -> Int {
    let words = try run(["scontrol", "show", "config"]).split(whereSeparator: \.isWhitespace)
    guard let place = words.firstIndex(of: "MaxArraySize"), place + 2 < words.count,
      let size = Int(words[place + 2]), size > 0
    else {
      throw SlurmError("scontrol show config: found no MaxArraySize; is this a Slurm cluster?")
    }
    return size
  }

  /// Where this user's elements are that wait or run now: all of them by one request.
  public func queue() throws -> [Element: Place] {
    let output = try run(["squeue", "--me", "--noheader", "--array", "--format=%F %K %T"])
    var places: [Element: Place] = [:]
    for line in output.split(whereSeparator: \.isNewline) {
      let fields = line.split(separator: " ")
      guard fields.count == 3, let job = Int(fields[0]), let index = Int(fields[1]) else {
        continue
      }
      let element = Element(job: job, index: index)
      switch fields[2] {
      case "RUNNING", "COMPLETING", "CONFIGURING", "SUSPENDED", "STOPPED":
        places[element] = .running
      case "PENDING", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT": places[element] = .queued
      default: break
      }
    }
    return places
  }

  private func run(_ words: [String], input: String = "") throws -> String {
    let end = try launch(words, input)
    guard end.code == 0 else {
      let said = end.errors.split(whereSeparator: \.isNewline).last.map(String.init) ?? "no reason"
      throw SlurmError(
        end.code == 127
          ? "there is no program '\(words[0])' here; type this command where Slurm is installed"
          : "\(words[0]): \(said)")
    }
    return end.output
  }

  /// Runs a program of this machine.
  public static let launch: Launch = { words, input in
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    let (output, errors, text) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = text
    try process.run()
    try? text.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try? text.fileHandleForWriting.close()
    let printed = try output.fileHandleForReading.readToEnd() ?? Data()
    let said = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (
      process.terminationStatus, String(decoding: printed, as: UTF8.self),
      String(decoding: said, as: UTF8.self)
    )
  }
}
