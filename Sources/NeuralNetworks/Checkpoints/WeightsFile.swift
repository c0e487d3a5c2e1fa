import TensorCore

/// The weights of a network for others to read: a safetensors file with PyTorch's order of sizes.
///
/// Trained parameters and running statistics stand under their own names, without a prefix; a
/// convolution's filters as `[outputs, inputs, height, width]`, matrices as `[outputs, inputs]`.
/// `PyTorchCheckpoint` reads it back.
public struct WeightsFile {
  /// The bytes of the file.
  public let bytes: [UInt8]

  /// Copies the weights as they are now.
  public init(of parameters: Parameters) {
    func tensors(
      _ list: [Parameter], _ values: UnsafeMutableBufferPointer<Float>?
    ) -> [Safetensors.Tensor] {
      list.compactMap { parameter in
        values.map { values in
          let own = Array(values[parameter.offset..<parameter.offset + parameter.count])
          return Safetensors.Tensor(
            name: parameter.name, sizes: Self.sizes(of: parameter),
            values: Self.transposed(own, from: parameter.sizes))
        }
      }
    }
    bytes =
      Safetensors(
        tensors(parameters.trainable, parameters.flatValues)
          + tensors(parameters.statistics, parameters.flatStatistics)
      ).bytes
  }

  private static func sizes(of parameter: Parameter) -> [Int] {
    let sizes = parameter.sizes
    return sizes.count == 4 ? [sizes[3], sizes[2], sizes[0], sizes[1]] : sizes.reversed()
  }

  /// From `[height, width, inputs, outputs]` or `[inputs, outputs]`.
  private static func transposed(_ values: [Float], from sizes: [Int]) -> [Float] {
    guard sizes.count == 2 || sizes.count == 4 else { return values }
    let (inputs, outputs) = (sizes[sizes.count - 2], sizes[sizes.count - 1])
    let taps = sizes.count == 4 ? sizes[0] * sizes[1] : 1
    var result = [Float](repeating: 0, count: values.count)
    for tap in 0..<taps {
      for input in 0..<inputs {
        for output in 0..<outputs {
          result[(output * inputs + input) * taps + tap] =
            values[(tap * inputs + input) * outputs + output]
        }
      }
    }
    return result
  }
}
