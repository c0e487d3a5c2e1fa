/// A network that knows how deep it is.
public protocol LayeredNetwork: Network {
  /// Most layers with weights on a way from image to logits: each convolution and each linear layer
  /// counts one, the two convolutions of a separable one count two.
  var depth: Int { get }
}
