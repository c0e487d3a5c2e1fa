import Foundation
import SearchCore

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
    add("cores", String(JobLimits.current.processors))
    add("memory", JobLimits.current.memoryBytes.map { "\($0 / (1 << 20)) MiB" })
    add("kernel", kernel)
    add("compiler", compiler)
    add("commit", repository.flatMap(commit(of:)))
    return facts
  }

  /// The widest vector instructions of the processor.
  public static var instructionSet: String? {
    guard let flags = processorField("flags")?.split(separator: " ") else { return nil }
    if flags.contains("avx512f") { return "AVX-512" }
    if flags.contains("avx2"), flags.contains("fma") { return "AVX2" }
    return "generic"
  }

  private static func processorField(_ name: String) -> String? {
    for line in KernelFile("/proc/cpuinfo").lines where line.hasPrefix(name) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return nil
  }

  private static var kernel: String? {
    KernelFile("/proc/sys/kernel/osrelease").text.map { "Linux \($0)" }
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
    func lines(_ path: String) -> [Substring] {
      (try? EditedText(contentsOf: git.appending(path: path), limitBytes: 1 << 24))?.lines ?? []
    }
    guard let head = lines("HEAD").first else { return nil }
    guard head.hasPrefix("ref: ") else { return String(head) }
    let reference = String(head.dropFirst(5))
    if let hash = lines(reference).first { return String(hash) }
    let packed = lines("packed-refs").first { $0.hasSuffix(reference) }
    return packed?.split(separator: " ").first.map(String.init)
  }
}
