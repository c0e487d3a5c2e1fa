import Experiments
import Foundation
import Testing

/// Processors and memory of a job, from files as kernels write them.
@Suite struct JobLimitsTests {
  /// A machine of 16 processors and 64 GiB, with more files of the kernel.
  private func limits(_ files: [String: String], allowed: String = "0-15") throws -> JobLimits {
    let folder = TemporaryFolder()
    var files = files
    files["proc/meminfo"] = "MemTotal:       67108864 kB\nMemFree:        1024 kB\n"
    files["proc/cpuinfo"] = (0..<16).map { "processor\t: \($0)\nflags\t\t: sse\n\n" }.joined()
    files["proc/self/status"] =
      "Name:\tsearch\nCpus_allowed:\tffff\nCpus_allowed_list:\t\(allowed)\n"
    for (path, text) in files {
      try RecordFile.write(Data(text.utf8), to: folder.url.appending(path: path))
    }
    return JobLimits(below: folder.url)
  }

  private static let unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
  private static let twoVersions = """
    31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
    32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
    35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:10 - cgroup cgroup rw,memory
    41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw

    """
  private static let gibibyte = 1 << 30

  @Test func withoutGroupsTheMachineIsTheJobs() throws {
    let limits = try limits([:])
    #expect(limits.processors == 16 && limits.memoryBytes == 64 * Self.gibibyte)
  }

  @Test(arguments: [
    ("0", 1), ("0-2", 3), ("5,7", 2), ("0-1,4-5,9", 5), ("64-127", 64), ("", 16), ("x", 16),
    ("3-1", 16),
  ])
  func theAffinityMaskCounts(list: String, processors: Int) throws {
    #expect(try limits([:], allowed: list).processors == processors)
  }

  /// The job's own group and all above it count, not those of others.
  @Test(arguments: [
    ("max 100000", "max 100000", 16), ("400000 100000", "max 100000", 4),
    ("max 100000", "200000 100000", 2), ("150000 100000", "800000 100000", 1),
    ("20000 100000", "max 100000", 1), ("50000 10000", "max", 5), ("9900000 100000", "max", 16),
  ])
  func quotasOfVersion2(own: String, above: String, processors: Int) throws {
    let limits = try limits([
      "proc/self/mountinfo": Self.unified, "proc/self/cgroup": "0::/batch/job 7/step\n",
      "sys/fs/cgroup/batch/job 7/cpu.max": own + "\n", "sys/fs/cgroup/batch/cpu.max": above + "\n",
      "sys/fs/cgroup/other/cpu.max": "100000 100000\n",
    ])
    #expect(limits.processors == processors)
    #expect(limits.memoryBytes == 64 * Self.gibibyte)
  }

  @Test(arguments: [
    ("max", "max", 64 << 30), ("2147483648", "max", 2 << 30), ("max", "1073741824", 1 << 30),
    ("8589934592", "4294967296", 4 << 30), ("999999999999999", "max", 64 << 30),
  ])
  func memoryOfVersion2(own: String, above: String, bytes: Int) throws {
    for name in ["memory.max", "memory.high"] {
      let limits = try limits([
        "proc/self/mountinfo": Self.unified, "proc/self/cgroup": "0::/batch/job\n",
        "sys/fs/cgroup/batch/job/\(name)": own + "\n", "sys/fs/cgroup/batch/\(name)": above + "\n",
        "sys/fs/cgroup/memory.max": "max\n",
      ])
      #expect(limits.memoryBytes == bytes)
    }
  }

  @Test(arguments: [(-1, 100_000, 16), (250_000, 100_000, 2), (50_000, 100_000, 1)])
  func version1(quota: Int, period: Int, processors: Int) throws {
    let limits = try limits([
      "proc/self/mountinfo": Self.twoVersions,
      "proc/self/cgroup":
        "4:memory:/jobs/a\n2:cpu,cpuacct:/jobs/a\n1:name=systemd:/x\n0::/\n",
      "sys/fs/cgroup/cpu,cpuacct/jobs/a/cpu.cfs_quota_us": "\(quota)\n",
      "sys/fs/cgroup/cpu,cpuacct/jobs/a/cpu.cfs_period_us": "\(period)\n",
      "sys/fs/cgroup/memory/jobs/a/memory.limit_in_bytes": "3221225472\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    ])
    #expect(limits.processors == processors)
    #expect(limits.memoryBytes == 3 * Self.gibibyte)
  }

  /// In a container the group has another name outside, or stands as the root.
  @Test(arguments: [
    ("/docker/1f", "/docker/1f", "sys/fs/cgroup"), ("/", "/docker/1f", "sys/fs/cgroup"),
    ("/", "/", "sys/fs/cgroup"), ("/docker/1f", "/docker/1f/step", "sys/fs/cgroup/step"),
    ("/", "/../other", "sys/fs/cgroup"),
  ])
  func containers(mounted: String, group: String, folder: String) throws {
    let limits = try limits([
      "proc/self/mountinfo": "30 23 0:26 \(mounted) /sys/fs/cgroup ro - cgroup2 cgroup ro\n",
      "proc/self/cgroup": "0::\(group)\n", "\(folder)/cpu.max": "300000 100000\n",
      "\(folder)/memory.max": "2147483648\n",
    ])
    #expect(limits.processors == 3 && limits.memoryBytes == 2 * Self.gibibyte)
  }

  @Test(arguments: ["", "x", "0:", "0::", "::/", "30 23", "- cgroup2", "\u{0}"])
  func filesThatSayNothingLimitNothing(text: String) throws {
    for cpu in ["", "max", "x 1", "1", "-5 100", "0 0"] {
      let limits = try limits([
        "proc/self/mountinfo": text + "\n" + Self.unified, "proc/self/cgroup": text + "\n0::/a\n",
        "sys/fs/cgroup/a/cpu.max": cpu, "sys/fs/cgroup/a/memory.max": cpu,
      ])
      #expect(limits.processors == 16)
    }
  }
}
