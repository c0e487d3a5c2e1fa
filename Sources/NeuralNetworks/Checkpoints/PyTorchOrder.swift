/// How PyTorch lays a parameter out: filters as `[F, C, KH, KW]` and matrices as `[out, in]`, where
/// this program has `[KH, KW, C, F]` and `[in, out]`; vectors are the same.
struct PyTorchOrder {
  /// Sizes in this program's order.
  private let ownSizes: [Int]

  /// - Parameter sizes: In this program's order.
  init(_ sizes: [Int]) { ownSizes = sizes }

  /// Sizes in PyTorch's order.
  var sizes: [Int] {
    ownSizes.count == 4
      ? [ownSizes[3], ownSizes[2], ownSizes[0], ownSizes[1]] : ownSizes.reversed()
  }

  /// Brings values from PyTorch's order into this program's.
  func own(_ values: [Float]) -> [Float] {
    permuted(values) { result, own, foreign in result[own] = values[foreign] }
  }

  /// Brings values from this program's order into PyTorch's.
  func foreign(_ values: [Float]) -> [Float] {
    permuted(values) { result, own, foreign in result[foreign] = values[own] }
  }

  /// Goes through the places of all values in both orders.
  private func permuted(
    _ values: [Float], _ copy: (inout [Float], _ own: Int, _ foreign: Int) -> Void
  ) -> [Float] {
    guard ownSizes.count == 2 || ownSizes.count == 4 else { return values }
    let (inputs, outputs) = (ownSizes[ownSizes.count - 2], ownSizes[ownSizes.count - 1])
    let taps = ownSizes.count == 4 ? ownSizes[0] * ownSizes[1] : 1
    var result = [Float](repeating: 0, count: values.count)
    for tap in 0..<taps {
      for input in 0..<inputs {
        for output in 0..<outputs {
          copy(
            &result, (tap * inputs + input) * outputs + output,
            (output * inputs + input) * taps + tap)
        }
      }
    }
    return result
  }
}
