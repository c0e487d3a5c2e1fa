import Foundation
import Testing

/// Real affinity masks and control groups, where this machine lets us set them.
@Suite(.serialized, .enabled(if: ProgramRun.isThere, "needs the built program"))
struct JobLimitsCommandTests {
  private static let hasTaskset = FileManager.default.isExecutableFile(atPath: "/usr/bin/taskset")

  private func processors(_ before: String) throws -> String? {
    let end = try ProgramRun(suite: .training).shell("\(before) \"$SEARCHLIGHT\" doctor")
    return end.output.split(separator: "\n").first { $0.contains(" processor: ") }
      .map { String($0.prefix { $0 != "," }) }
  }

  @Test(.enabled(if: hasTaskset, "needs taskset"))
  func anAffinityMaskIsSeen() throws {
    #expect(try processors("taskset -c 0") == "good     processor: 1 cores")
  }

  /// Two workers on one core would each take twice as long.
  @Test(.enabled(if: hasTaskset, "needs taskset"))
  func oneProcessorRunsOneAtATime() throws {
    let suite = SmallSuite.training.only("random-search")
    let text = suite.text.replacing("seeds: 1", with: "seeds: 3")
    let project = try ProgramRun(suite: suite)
    let file = project.home.appending(path: "Benchmarks/suites/small.yaml")
    try Data(text.utf8).write(to: file)
    let end = try project.shell("taskset -c 0 \"$SEARCHLIGHT\" run small")
    #expect(end.code == 0)
    let events = end.output.split(separator: "\n").compactMap { line -> String? in
      ["running", "finished"].first { line.contains("/\($0)") || line.contains(" \($0)") }
    }.prefix(6)
    #expect(Array(events) == Array(repeating: ["running", "finished"], count: 3).flatMap { $0 })
  }

  private static let groups = URL(filePath: "/sys/fs/cgroup/cpu")
  private static let canGroup =
    FileManager.default.isWritableFile(atPath: groups.path)
    && FileManager.default.fileExists(
      atPath: groups.appending(path: "cpu.cfs_period_us").path)

  @Test(.enabled(if: canGroup, "needs control groups of version 1, as root"))
  func aRealQuotaIsSeen() throws {
    let group = Self.groups.appending(path: "searchlight-\(UUID())")
    try FileManager.default.createDirectory(at: group, withIntermediateDirectories: false)
    defer { rmdir(group.path) }
    let set =
      "echo 100000 > \(group.path)/cpu.cfs_quota_us; "
      + "echo $$ > \(group.path)/cgroup.procs; exec "
    #expect(try processors(set) == "good     processor: 1 cores")
  }
}
