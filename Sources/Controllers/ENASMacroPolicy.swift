import Randomness
import SearchCore
import TensorCore

/// The controller of ENAS' macro space: layer by layer an operation, then a yes or no for the skip
/// connection from each earlier layer, by attention.
///
/// After an operation its embedding is read next; after the skips, the sum of the states at the
/// chosen layers, divided by one more than their number.
///
/// Source: Pham et al., arXiv 1802.03268, section 2.3, and `general_controller.py` of the released
/// code, whose sampler this is.
public final class ENASMacroPolicy: SteppedPolicy {
  /// The decisions of a layer.
  struct Layer: Hashable {
    let operation: Int
    let skips: Range<Int>

    /// The layers of a space whose every layer has one choice of the same options, then its skips;
    /// `nil` for other spaces.
    static func layers(of space: any SearchSpace) -> [Layer]? {
      guard let space = space as? any AnchoredSearchSpace else { return nil }
      var next = 0
      var layers: [Layer] = []
      for (index, anchor) in space.anchors.enumerated() {
        guard anchor.lowerBound == next + 1, anchor.count == index,
          space.decisions[next].options == space.decisions[0].options
        else { return nil }
        layers.append(Layer(operation: next, skips: anchor))
        next = anchor.upperBound
      }
      return next == space.decisions.count ? layers : nil
    }
  }

  public let parameters = Parameters()
  public let context = ComputeContext.forPolicies()
  let decisionCount: Int
  private let layers: [Layer]
  private let network: AnchorNetwork
  private let temper: ChoiceTemper
  private let skipPrior: SkipPrior

  /// Makes a controller with random weights.
  init(_ layers: [Layer], operations: Int, _ shape: ENASPolicyShape, key: RandomKey) {
    self.layers = layers
    decisionCount = layers.last?.skips.upperBound ?? 0
    temper = shape.temper
    skipPrior = shape.skipPrior
    network = AnchorNetwork(
      operations: operations, hidden: shape.hidden, initialRange: shape.initialRange,
      in: parameters)
    network.allocate(in: context, key: key)
  }

  func run(_ pass: DecisionPass) {
    let tape = pass.tape
    var state = tape.zeroLSTMState(batch: pass.count, hidden: network.hidden)
    var input = network.start(pass)
    var anchors: [Tensor] = []
    var keys: [Tensor] = []
    for layer in layers {
      state = network.step(input, from: state, pass)
      let operations = pass.choose(
        layer.operation, logits: network.operationLogits(state, pass), temper: temper)
      state = network.step(network.embedded(operations, pass), from: state, pass)
      if layer.skips.isEmpty {
        input = network.start(pass)
      } else {
        let answers = pass.skip(
          layer.skips, scores: network.anchorScores(state, keys: keys, pass), temper: temper,
          prior: skipPrior)
        input = tape.mixRows(anchors, weights: answers.map(Self.meanWeights))
      }
      anchors.append(state.output)
      keys.append(network.key(state, pass))
    }
  }

  /// For each layer its share in the next input.
  private static func meanWeights(_ answers: [Int]) -> [Float] {
    let chosen = answers.reduce(0, +)
    return answers.map { Float($0) / Float(1 + chosen) }
  }
}
