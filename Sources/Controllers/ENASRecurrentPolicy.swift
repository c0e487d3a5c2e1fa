import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// The controller of ENAS' recurrent spaces: node by node, what it reads by attention over the nodes
/// before, then its function by one shared softmax.
///
/// Near nodes are preferred: the square of the distance, divided by 6, is taken from a logit. After
/// a chosen node its state is read next, divided by the distance and a tenth, after a function its
/// embedding. The first node has no step of its own where its function is no choice; its state is
/// then zeros.
///
/// Source: Pham et al., arXiv 1802.03268, section 2.1, and the released `ptb_enas_controller.py` and
/// `enas_lm`'s `controller.py`; the latter's logits of functions are products with their embeddings,
/// here with a matrix of their own as in the former.
public final class ENASRecurrentPolicy: SteppedPolicy {
  public let parameters = Parameters()
  public let context = ComputeContext.forPolicies()
  let decisionCount: Int
  private let choices: HighwayChoices
  private let network: AnchorNetwork
  private let temper: ChoiceTemper

  /// Makes a controller with random weights.
  public init(_ choices: HighwayChoices, _ shape: ENASPolicyShape, key: RandomKey) {
    self.choices = choices
    temper = shape.temper
    network = AnchorNetwork(
      operations: choices.activations.count, hidden: shape.hidden,
      initialRange: shape.initialRange, in: parameters)
    decisionCount = (choices.choosesInitial ? 1 : 0) + 2 * choices.nodes - 1
    network.allocate(in: context, key: key)
  }

  func run(_ pass: DecisionPass) {
    var state = pass.tape.zeroLSTMState(batch: pass.count, hidden: network.hidden)
    var input = network.start(pass)
    var anchors = [pass.tape.zeros(state.output.shape)]
    var keys = anchors
    var decision = 0
    if choices.choosesInitial {
      state = network.step(input, from: state, pass)
      (anchors, keys) = ([state.output], [network.key(state, pass)])
      input = function(decision, of: network.start(pass), from: &state, pass)
      decision += 1
    }
    for node in 1...choices.nodes {
      state = network.step(input, from: state, pass)
      let (anchor, key) = (state.output, network.key(state, pass))
      input = predecessor(node, decision, anchors, keys, state, pass)
      if node > 1 { decision += 1 }
      input = function(decision, of: input, from: &state, pass)
      decision += 1
      anchors.append(anchor)
      keys.append(key)
    }
  }

  /// Chooses what a node reads, unless there is but one.
  private func predecessor(
    _ node: Int, _ decision: Int, _ anchors: [Tensor], _ keys: [Tensor], _ state: LSTMState,
    _ pass: DecisionPass
  ) -> Tensor {
    let distances = anchors.indices.map { Double(node - $0) }
    var chosen = [Int](repeating: 0, count: pass.tape.isDry ? 0 : pass.count)
    if node > 1 {
      var temper = temper
      temper.preferences = distances.map { -$0 * $0 / 6 }
      chosen = pass.choose(
        decision, logits: network.anchorScores(state, keys: keys, pass), temper: temper)
    }
    return pass.tape.mixRows(
      anchors,
      weights: chosen.map { index in
        anchors.indices.map { $0 == index ? Float(1 / (0.1 + distances[$0])) : 0 }
      })
  }

  /// Takes a step and chooses a function.
  private func function(
    _ decision: Int, of input: Tensor, from state: inout LSTMState, _ pass: DecisionPass
  ) -> Tensor {
    state = network.step(input, from: state, pass)
    let chosen = pass.choose(
      decision, logits: network.operationLogits(state, pass), temper: temper)
    return network.embedded(chosen, pass)
  }
}
