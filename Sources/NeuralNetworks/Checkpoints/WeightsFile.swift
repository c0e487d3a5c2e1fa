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
          let order = PyTorchOrder(parameter.sizes)
          return Safetensors.Tensor(
            name: parameter.name, sizes: order.sizes, values: order.foreign(own))
        }
      }
    }
    bytes =
      Safetensors(
        tensors(parameters.trainable, parameters.flatValues)
          + tensors(parameters.statistics, parameters.flatStatistics)
      ).bytes
  }
}
