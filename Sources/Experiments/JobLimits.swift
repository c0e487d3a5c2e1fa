import Foundation

/// What this process may use of its machine: the one place that knows processors and memory.
///
/// A batch system or a container gives a job fewer processors by an affinity mask (`taskset`,
/// cpusets) or a quota, and less memory by a limit; both quota and limit are of control groups,
/// version 1 or 2, and of any group from the job's own up to the root.
public struct JobLimits: Hashable, Sendable {
  /// Processors to compute on at once, at least 1.
  public let processors: Int
  /// Memory in bytes; `nil` if unknown.
  public let memoryBytes: Int?

  /// The limits of this process, looked up once.
  public static let current = JobLimits(below: URL(filePath: "/"))

  /// Reads limits.
  ///
  /// - Parameter root: Where `/proc` and `/sys` are; tests have a folder of their own.
  package init(below root: URL) {
    let groups = ControlGroups(below: root)
    let machine = KernelFile("/proc/cpuinfo", below: root).lines.count {
      $0.hasPrefix("processor")
    }
    // What the scheduler may put this process on.
    let list = KernelFile("/proc/self/status", below: root).lines
      .first { $0.hasPrefix("Cpus_allowed_list:") }?.split(whereSeparator: \.isWhitespace).last
    let all = max(1, list.flatMap(Self.count) ?? machine)
    // As many as can run all the time: a second one on half a processor would halve both.
    processors = groups.processorShare.map { min(all, max(1, Int($0))) } ?? all
    let total = KernelFile("/proc/meminfo", below: root).lines.first { $0.hasPrefix("MemTotal:") }
    let kibibytes = total?.split(separator: " ").compactMap { Int($0) }.first
    memoryBytes = [kibibytes.map { $0 * 1024 }, groups.memoryBytes].compactMap { $0 }.min()
  }

  /// Processors of a list as the kernel writes it, `0-3,8`; `nil` if it is none.
  private static func count(ofList list: Substring) -> Int? {
    var count = 0
    for part in list.split(separator: ",") {
      let ends = part.split(separator: "-").map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, last >= first else {
        return nil
      }
      count += last - first + 1
    }
    return count > 0 ? count : nil
  }
}

/// The control groups that this process is in, from its own to the root of each hierarchy.
private struct ControlGroups {
  /// Folders of the groups by what they control.
  private let processors: [Folder]
  private let memory: [Folder]

  private struct Folder {
    let path: String
    let root: URL

    subscript(name: String) -> KernelFile { KernelFile("\(path)/\(name)", below: root) }
  }

  /// A hierarchy as it is mounted.
  private struct Mount {
    /// The group that stands at `point`: a container sees its own as the root.
    let group: String
    let point: String
    let isUnified: Bool
    let options: [Substring]
  }

  init(below root: URL) {
    let mounts = KernelFile("/proc/self/mountinfo", below: root).lines.compactMap(Self.mount)
    var (processors, memory): ([Folder], [Folder]) = ([], [])
    for line in KernelFile("/proc/self/cgroup", below: root).lines {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let names = parts[1].split(separator: ",")
      let mount = mounts.first { mount in
        names.isEmpty
          ? mount.isUnified : !mount.isUnified && names.allSatisfy { mount.options.contains($0) }
      }
      guard let mount else { continue }
      let folders = Self.paths(of: String(parts[2]), in: mount).map { Folder(path: $0, root: root) }
      if names.isEmpty || names.contains("cpu") { processors += folders }
      if names.isEmpty || names.contains("memory") { memory += folders }
    }
    (self.processors, self.memory) = (processors, memory)
  }

  /// Processors' worth of time that all quotas leave; `nil` without a quota.
  var processorShare: Double? {
    processors.compactMap { folder -> Double? in
      var numbers = folder["cpu.max"].text?.split(separator: " ").map { Double($0) } ?? []
      if numbers.isEmpty {
        numbers = ["cpu.cfs_quota_us", "cpu.cfs_period_us"].map {
          folder[$0].number.map(Double.init)
        }
      }
      // `max`, and -1 in version 1, is no quota.
      guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0,
        period > 0
      else { return nil }
      return quota / period
    }.min()
  }

  /// Memory that all limits leave, in bytes; `nil` without a limit.
  var memoryBytes: Int? {
    memory.flatMap { folder in
      ["memory.max", "memory.high", "memory.limit_in_bytes"].compactMap { folder[$0].number }
    }.min()
  }

  /// A line of `mountinfo`: number, parent, device, group, point, options, any number of fields, a
  /// hyphen, type, source, options.
  private static func mount(_ line: Substring) -> Mount? {
    let fields = line.split(separator: " ")
    guard let hyphen = fields.firstIndex(of: "-"), hyphen >= 6, fields.count > hyphen + 3,
      ["cgroup", "cgroup2"].contains(fields[hyphen + 1])
    else { return nil }
    return Mount(
      group: plain(fields[3]), point: plain(fields[4]), isUnified: fields[hyphen + 1] == "cgroup2",
      options: fields[hyphen + 3].split(separator: ","))
  }

  /// A path whose blanks stand as `\040`.
  private static func plain(_ path: Substring) -> String {
    String(path).replacing("\\040", with: " ")
  }

  /// The folders of a group and of those above it.
  private static func paths(of group: String, in mount: Mount) -> [String] {
    let top = mount.group == "/" ? "" : mount.group
    // A group that is not below the mounted one is not seen from here; what is mounted is.
    guard group == top || group.hasPrefix(top + "/"), !group.contains("..") else {
      return [mount.point]
    }
    var parts = group.dropFirst(top.count).split(separator: "/")
    var paths = [mount.point]
    while !parts.isEmpty {
      paths.append(mount.point + "/" + parts.joined(separator: "/"))
      parts.removeLast()
    }
    return paths
  }
}
