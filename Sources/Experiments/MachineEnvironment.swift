import Foundation

/// What this machine and program are, for the record.
public enum MachineEnvironment {
  /// The facts in the order of the report; what cannot be found out is left out.
  ///
  /// - Parameter repository: The project's folder, whose commit is looked up.
  public static func facts(repository: URL?) -> [EnvironmentFact] {
    var facts: [EnvironmentFact] = []
    func add(_ name: String, _ value: String?) {
      if let value { facts.append(EnvironmentFact(name: name, value: value)) }
    }
    add("processor", processorField("model name"))
    add("instruction set", instructionSet)
    add("cores", String(coreCount))
    add("memory", memoryBytes.map { "\($0 / (1 << 20)) MiB" })
    add("kernel", kernel)
    add("compiler", compiler)
    add("commit", repository.flatMap(commit(of:)))
    return facts
  }

  /// Cores that this process may use.
  public static var coreCount: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// Memory that this process may use, in bytes: the machine's, or what its control group allows;
  /// `nil` if unknown.
  public static var memoryBytes: Int? {
    let limit = try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8)
    let allowed = limit.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    guard let machine = machineMemoryBytes else { return allowed }
    return min(machine, allowed ?? machine)
  }

  private static var machineMemoryBytes: Int? {
    guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemTotal:") }),
      let kibibytes = line.split(separator: " ").compactMap({ Int($0) }).first
    else { return nil }
    return kibibytes * 1024
  }

  /// The widest vector instructions of the processor.
  public static var instructionSet: String? {
    guard let flags = processorField("flags")?.split(separator: " ") else { return nil }
    if flags.contains("avx512f") { return "AVX-512" }
    if flags.contains("avx2"), flags.contains("fma") { return "AVX2" }
    return "generic"
  }

  private static func processorField(_ name: String) -> String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
      return nil
    }
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return nil
  }

  private static var kernel: String? {
    let release = try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
    return release.map { "Linux \($0.trimmingCharacters(in: .whitespacesAndNewlines))" }
  }

  private static var compiler: String {
    #if compiler(>=6.4)
      "Swift 6.4 or later"
    #elseif compiler(>=6.3)
      "Swift 6.3"
    #else
      "Swift 6.2"
    #endif
  }

  /// The commit that a checkout stands at, read without calling git.
  private static func commit(of repository: URL) -> String? {
    let git = repository.appending(path: ".git")
    func read(_ path: String) -> String? {
      let text = try? String(contentsOf: git.appending(path: path), encoding: .utf8)
      return text?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    guard let head = read("HEAD") else { return nil }
    guard head.hasPrefix("ref: ") else { return head }
    let reference = String(head.dropFirst(5))
    if let hash = read(reference) { return hash }
    let packed = read("packed-refs")?.split(separator: "\n").first { $0.hasSuffix(reference) }
    return packed?.split(separator: " ").first.map(String.init)
  }
}
