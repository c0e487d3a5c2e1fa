/// What the machine refused the tensor core.
public enum TensorCoreError: Error, Hashable, CustomStringConvertible {
  /// The processor cannot run the kernels asked for.
  case instructionSetUnavailable(InstructionSet)
  /// The system would not start the threads asked for.
  case threadsRefused(Int)

  public var description: String {
    switch self {
    case .instructionSetUnavailable(let set):
      """
      this processor cannot run the \(set.rawValue) kernels; \
      leave --isa out to use \(InstructionSet.best.rawValue)
      """
    case .threadsRefused(let count):
      "the system refused \(count) compute threads; ask for fewer with --threads"
    }
  }
}
