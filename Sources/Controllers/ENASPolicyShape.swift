import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// Sizes and tempers of ENAS' controller.
///
/// Source: Pham et al., arXiv 1802.03268, section 3; the released code differs in temperature and
/// tanh constant.
public struct ENASPolicyShape: Hashable, Sendable {
  /// Recurrent layers, where the space is not of ENAS: its own samplers have one.
  public var layers = 1
  /// Units of each recurrent layer.
  public var hidden = 64
  /// All weights are first drawn uniformly between minus and plus this.
  public var initialRange: Float = 0.1
  /// How logits become probabilities; the paper's.
  public var temper = ChoiceTemper(temperature: 5, tanhConstant: 2.5)
  /// What the tanh constant is divided by where a micro cell's operations are chosen.
  public var operationTanhReduction = 2.5
  /// What the macro space's skip connections are pulled to.
  public var skipPrior = SkipPrior(probability: 0.4)

  public init() {}

  /// Makes the controller of a space: ENAS' micro, macro or recurrent sampler where the space is
  /// theirs, and else a decision after another, each with a softmax of its own.
  public func policy(for space: any SearchSpace, key: RandomKey) -> any SequencePolicy {
    if space is ENASMicro { return ENASMicroPolicy(self, key: key) }
    if let space = space as? any HighwayCellSpace {
      return ENASRecurrentPolicy(type(of: space).choices, self, key: key)
    }
    if let layers = ENASMacroPolicy.Layer.layers(of: space) {
      return ENASMacroPolicy(
        layers, operations: space.decisions[0].options.count, self, key: key)
    }
    return RecurrentController(
      ControllerLayout(of: space),
      shape: .init(layers: layers, hidden: hidden, initialRange: initialRange), temper: temper,
      key: key)
  }
}
