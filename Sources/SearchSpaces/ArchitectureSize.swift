import NeuralNetworks
import SearchCore
import TensorCore

/// How large a network is, and what it computes.
public struct ArchitectureSize: Hashable, Codable, Sendable {
  /// Weights of the classifier, without those of an auxiliary head.
  public let parameters: Int
  /// Weights of an auxiliary head, which trains along and is then thrown away; 0 without one.
  public let auxiliaryParameters: Int
  /// Canonical operations of one image's forward pass, two a multiply-add; what budgets are charged
  /// by.
  public let flops: Int
  /// Multiply-adds of its convolutions and linear layers: what papers call FLOPs or multiply-adds.
  public let multiplyAdds: Int
  /// Most layers with weights on a way from image to logits; `nil` where the network does not know.
  public let depth: Int?

  /// Measures a network.
  ///
  /// - Parameter imageSize: Height and width of the image, in pixels.
  public init(of network: any Network, imageSize: Int = 32) {
    let tape = Tape.dry(isTraining: false)
    _ = network.logits(
      of: tape.empty(Shape(1, imageSize, imageSize, 3), requiresGradient: false), on: tape)
    auxiliaryParameters = network.auxiliaryParameterCount
    parameters = network.parameters.count - auxiliaryParameters
    flops = tape.operations.reduce(0) { $0 + $1.flops }
    multiplyAdds =
      tape.operations.filter { $0.kind != .memoryBound }.reduce(0) { $0 + $1.flops } / 2
    depth = (network as? any LayeredNetwork)?.depth
  }
}
