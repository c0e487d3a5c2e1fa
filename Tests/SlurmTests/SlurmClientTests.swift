import Foundation
import Slurm
import Synchronization
import Testing

/// What is asked of Slurm's programs, and what their answers come to; the texts are those of Slurm 22.05.
@Suite struct SlurmClientTests {
  /// Answers as a program would, and remembers what it was asked.
  final class Programs: Sendable {
    let asked = Mutex<[[String]]>([])
    let answers: [String: (code: Int32, output: String, errors: String)]

    init(_ answers: [String: (code: Int32, output: String, errors: String)]) {
      self.answers = answers
    }

    var client: SlurmClient {
      SlurmClient { words, _ in
        self.asked.withLock { $0.append(words) }
        return self.answers[words[0]] ?? (127, "", "env: not found")
      }
    }
  }

  @Test func theQueueIsAskedOnce() throws {
    var lines = (0..<20_000).map { "17 \($0) \($0 < 40 ? "RUNNING" : "PENDING")\n" }.joined()
    lines += "18 3 COMPLETED\n19 0 COMPLETING\n20 N/A PENDING\n"
    let programs = Programs(["squeue": (0, lines, "")])
    let queue = try programs.client.queue()
    #expect(queue.count == 20_001)
    #expect(queue[.init(job: 17, index: 39)] == .running)
    #expect(queue[.init(job: 17, index: 19_999)] == .queued)
    #expect(queue[.init(job: 18, index: 3)] == nil)
    #expect(queue[.init(job: 19, index: 0)] == .running)
    #expect(programs.asked.withLock { $0.count } == 1)
  }

  @Test func aJobsNumberIsRead() throws {
    #expect(try Programs(["sbatch": (0, "123\n", "")]).client.submit(Self.array) == 123)
    #expect(try Programs(["sbatch": (0, "123;cluster\n", "")]).client.submit(Self.array) == 123)
    #expect(throws: SlurmError("sbatch: found 'hello'; expected the number of a job")) {
      _ = try Programs(["sbatch": (0, "hello", "")]).client.submit(Self.array)
    }
  }

  @Test func aRefusalIsPassedOnInOneLine() {
    let errors =
      "sbatch: error: something\nsbatch: error: Batch job submission failed: Invalid partition name specified\n"
    #expect {
      _ = try Programs(["sbatch": (1, "", errors)]).client.submit(Self.array)
    } throws: {
      "\($0)".hasSuffix("Batch job submission failed: Invalid partition name specified")
    }
    #expect {
      _ = try Programs([:]).client.queue()
    } throws: {
      "\($0)".contains("there is no program 'squeue' here; type this command where Slurm is")
    }
  }

  @Test func theLargestArrayIsRead() throws {
    let config = "Configuration data as of 2026\nMaxArraySize            = 1001\nMaxDBDMsgs = 1\n"
    #expect(try Programs(["scontrol": (0, config, "")]).client.mostElements() == 1001)
    #expect(throws: SlurmError.self) {
      _ = try Programs(["scontrol": (0, "nothing", "")]).client.mostElements()
    }
  }

  private static var array: SlurmArray {
    var resources = SlurmArray.Resources()
    resources.atOnce = 4
    resources.partition = "gpu"
    resources.options = ["--exclude=n3"]
    return SlurmArray(
      name: "searchlight-quick", count: 12, resources: resources,
      command: ["/a b/searchlight", "worker", "it's"],
      variables: ["SEARCHLIGHT_HOME": "/home/x y"], logs: "/logs")
  }

  @Test func theScriptSaysWhatWasAsked() {
    let lines = Self.array.script.split(separator: "\n").map(String.init)
    for line in [
      "#SBATCH --array=0-11%4", "#SBATCH --partition=gpu", "#SBATCH --exclude=n3",
      "#SBATCH --time=60", "#SBATCH --mem=2048M", "#SBATCH --requeue",
      "#SBATCH --signal=B:USR1@120", "export SEARCHLIGHT_HOME='/home/x y'",
      "'/a b/searchlight' 'worker' 'it'\\''s' \"$SLURM_ARRAY_TASK_ID\" < /dev/null &",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
  }

  /// Runs the script with a worker and a `scontrol` of the test's own.
  ///
  /// - Returns: Its code, and what it asked to be queued again.
  private func play(
    _ worker: String, signal: String? = nil, restarts: Int? = nil
  ) throws -> (code: Int32, again: String) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "slurm-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func program(_ name: String, _ text: String) throws {
      let place = folder.appending(path: name)
      try Data("#!/bin/bash\n\(text)\n".utf8).write(to: place)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.path)
    }
    try program("scontrol", "echo \"$@\" >> \(folder.path)/asked")
    try program("sleep", "exit 0")
    try program("worker", worker)
    var array = Self.array
    array.command = ["/bin/bash", folder.appending(path: "worker").path]
    try program("script", array.script)
    let variables =
      [
        "PATH=\(folder.path):/usr/bin:/bin", "SLURM_ARRAY_JOB_ID=17", "SLURM_ARRAY_TASK_ID=5",
      ] + (restarts.map { ["SLURM_RESTART_COUNT=\($0)"] } ?? [])
    let process = try Self.start(folder.appending(path: "script").path, variables)
    if let signal {
      // The worker must have begun, or the script is not yet listening.
      let ready = folder.appending(path: "ready").path
      for _ in 0..<600 where !FileManager.default.fileExists(atPath: ready) { usleep(50_000) }
      kill(process, signal == "USR1" ? SIGUSR1 : SIGTERM)
    }
    var status: Int32 = 0
    waitpid(process, &status, 0)
    let asked = folder.appending(path: "asked")
    return (
      (status >> 8) & 0xFF, (try? String(contentsOf: asked, encoding: .utf8)) ?? ""
    )
  }

  /// Starts a program with the signals that a batch system gives it: a test's own may be blocked.
  private static func start(_ program: String, _ variables: [String]) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (all, none) = (sigset_t(), sigset_t())
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    // By its shell: a file that was just written may still be open in another test's new process.
    let words = [strdup("bash"), strdup(program)]
    let settings = variables.map { strdup($0) }
    defer { for text in words + settings { free(text) } }
    var process: pid_t = 0
    try #require(
      posix_spawn(&process, "/bin/bash", nil, &attributes, words + [nil], settings + [nil]) == 0)
    return process
  }

  private static let patient =
    "trap 'exit 75' TERM; touch \"$(dirname \"$0\")/ready\"; for i in $(seq 100); do /bin/sleep 0.1; done; exit 0"

  @Test func workThatIsDoneOrFailedIsNotQueuedAgain() throws {
    #expect(try play("[ $1 = 5 ]") == (0, ""))
    #expect(try play("exit 1") == (1, ""))
    #expect(try play("exit 75") == (75, ""))
  }

  @Test func anElementWhoseTimeIsUpIsQueuedAgainByItsOwnId() throws {
    let end = try play(Self.patient, signal: "USR1")
    #expect(end.code == 75 && end.again == "requeue 17_5\n", "\(end)")
  }

  @Test func anElementThatIsCancelledIsNotQueuedAgain() throws {
    let end = try play(Self.patient, signal: "TERM")
    #expect(end.code == 75 && end.again.isEmpty, "\(end)")
  }

  @Test func aKilledProcessIsTriedAgainThreeTimes() throws {
    #expect(try play("kill -9 $$") == (137, "requeue 17_5\n"))
    #expect(try play("kill -9 $$", restarts: 2) == (137, "requeue 17_5\n"))
    #expect(try play("kill -9 $$", restarts: 3) == (137, ""))
  }
}
