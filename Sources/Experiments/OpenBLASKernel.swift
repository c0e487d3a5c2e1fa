/// Which kernel OpenBLAS runs: it decides speed and the last bits.
///
/// OpenBLAS reads the variable as it is loaded, so it is set for a child, or a process starts itself
/// anew with it. An exported one that is made for another processor halves the speed.
public enum OpenBLASKernel {
  /// The variable that names it.
  public static let variable = "OPENBLAS_CORETYPE"

  /// Kernels that a suite may name, with the widest instructions they need.
  public static let instructionSets: [(name: String, needs: String)] = [
    ("Cooperlake", "AVX-512"), ("Haswell", "AVX2"), ("Nehalem", "generic"),
    ("Sandybridge", "generic"), ("SkylakeX", "AVX-512"), ("Zen", "AVX2"),
  ]

  /// The names, sorted.
  public static var names: [String] { instructionSets.map { $0.name } }

  /// The fastest kernel of the processor; `nil` where OpenBLAS's own choice stands.
  ///
  /// - Parameter instructionSet: As `MachineEnvironment.instructionSet` has it.
  public static func best(for instructionSet: String?) -> String? {
    switch instructionSet {
    case "AVX-512": "SkylakeX"
    case "AVX2": "Haswell"
    default: nil
    }
  }

  /// The kernel of a process that computes.
  ///
  /// - Parameter named: What the suite names, if it does; the best otherwise.
  /// - Throws: `SuiteError` if this processor cannot run what the suite names.
  public static func choose(
    named: String?, on instructionSet: String?
  ) throws(SuiteError) -> String? {
    guard let named else { return best(for: instructionSet) }
    let order = ["generic", "AVX2", "AVX-512"]
    let rank = order.firstIndex(of: instructionSet ?? "generic") ?? 0
    let runnable = instructionSets.filter { (order.firstIndex(of: $0.needs) ?? 0) <= rank }
    guard runnable.contains(where: { $0.name == named }) else {
      throw SuiteError(
        "the suite's openblas-kernel is '\(named)', which this processor "
          + "(\(instructionSet ?? "unknown")) cannot run; expected one of "
          + runnable.map { $0.name }.joined(separator: ", "))
    }
    return named
  }

  /// The line to say when a kernel that somebody exported is not the one that runs.
  ///
  /// - Parameters:
  ///   - isNamed: Whether the suite names the kernel.
  ///   - environment: The variables of the process that starts the other.
  /// - Returns: `nil` if nothing is overridden.
  public static func notice(
    running kernel: String?, isNamed: Bool, overriding environment: [String: String]
  ) -> String? {
    guard let kernel, let exported = environment[variable], !exported.isEmpty,
      exported.lowercased() != kernel.lowercased()
    else { return nil }
    let reason = isNamed ? "which the suite names" : "the best of this processor"
    return "\(variable)=\(exported) is exported; OpenBLAS runs \(kernel), \(reason)"
  }
}
