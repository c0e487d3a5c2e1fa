import Dispatch
import Synchronization

/// Independent pieces of work on all cores.
package enum Parallel {
  /// What work makes of each input, in the inputs' order; the order in which it is done is open.
  ///
  /// - Parameter threads: Pieces of work at once, at least 1.
  package static func map<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], threads: Int = JobLimits.current.processors,
    _ work: @Sendable (Input) -> Output
  ) -> [Output] {
    let next = Atomic(0)
    // Locked once by each thread, when it has done its share.
    let found = Mutex<[(index: Int, output: Output)]>([])
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, inputs.count))) { _ in
      var share: [(index: Int, output: Output)] = []
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < inputs.count else { break }
        share.append((index, work(inputs[index])))
      }
      found.withLock { [share] in $0 += share }
    }
    return found.withLock { $0 }.sorted { $0.index < $1.index }.map(\.output)
  }
}
