/// A job array: one element does a few of a suite's runs, one after another.
public struct SlurmArray: Hashable, Sendable {
  /// What an element may use, and where it goes.
  public struct Resources: Hashable, Sendable {
    /// Minutes until an element is stopped; it writes a checkpoint first and is put in the queue again.
    public var minutes = 60
    /// Memory of an element, in MiB.
    public var mebibytes = 2_048
    /// Processors of an element.
    public var processors = 1
    /// Elements at once; `nil` for as many as the cluster gives.
    public var atOnce: Int?
    public var partition: String?
    public var account: String?
    public var constraint: String?
    /// Further options of `sbatch`, as typed: `--exclude=n3`.
    public var options: [String] = []

    public init() {}
  }

  /// Name of the jobs in the queue.
  public var name: String
  /// Number of elements, at least 1.
  public var count: Int
  public var resources: Resources
  /// The words that do an element's work; its index from 0 follows them.
  public var command: [String]
  /// Variables that the command needs.
  public var variables: [String: String]
  /// Folder of what elements print.
  public var logs: String

  /// Describes an array.
  public init(
    name: String, count: Int, resources: Resources, command: [String],
    variables: [String: String], logs: String
  ) {
    (self.name, self.count, self.resources) = (name, count, resources)
    (self.command, self.variables, self.logs) = (command, variables, logs)
  }

  /// Seconds before the time limit at which an element is told to stop. Slurm may be a minute early.
  private static let noticeSeconds = 120
  /// The exit code of work that was stopped and can go on.
  private static let interruptedCode = 75
  /// Times that an element whose process was killed is tried again.
  private static let retries = 3

  /// The script for `sbatch`.
  ///
  /// An element is put in the queue again by its own id, when its time was up or its process was
  /// killed: its run goes on from its checkpoint. One that was cancelled is not.
  public var script: String {
    """
    #!/bin/bash
    \(directives.map { "#SBATCH \($0)" }.joined(separator: "\n"))

    \(exports)
    again() {
      scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
      sleep 60
    }
    time_is_up=
    \(command.map(Self.quoted).joined(separator: " ")) "$SLURM_ARRAY_TASK_ID" < /dev/null &
    worker=$!
    trap 'time_is_up=1; kill -TERM $worker 2>/dev/null' USR1
    trap 'kill -TERM $worker 2>/dev/null' TERM
    wait $worker
    code=$?
    # A signal ends the waiting, not the work.
    while kill -0 $worker 2>/dev/null; do
      wait $worker
      code=$?
    done
    if [ -n "$time_is_up" ] && [ $code -eq \(Self.interruptedCode) ]; then again; fi
    if [ $code -eq 137 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt \(Self.retries) ]; then again; fi
    exit $code

    """
  }

  private var directives: [String] {
    var lines = [
      "--job-name=\(name)",
      "--array=0-\(count - 1)\(resources.atOnce.map { "%\($0)" } ?? "")",
      "--output=\(logs)/%A_%a.log", "--open-mode=append", "--requeue",
      "--signal=B:USR1@\(min(Self.noticeSeconds, 30 * resources.minutes))",
      "--time=\(resources.minutes)", "--cpus-per-task=\(resources.processors)",
      "--mem=\(resources.mebibytes)M",
    ]
    if let partition = resources.partition { lines.append("--partition=\(partition)") }
    if let account = resources.account { lines.append("--account=\(account)") }
    if let constraint = resources.constraint { lines.append("--constraint=\(constraint)") }
    return lines + resources.options
  }

  private var exports: String {
    variables.sorted { $0.key < $1.key }
      .map { "export \($0.key)=\(Self.quoted($0.value))\n" }.joined()
  }

  private static func quoted(_ word: String) -> String {
    "'\(word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
  }
}
