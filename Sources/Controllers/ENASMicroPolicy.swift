import Randomness
import SearchSpaces
import TensorCore

/// The controller of ENAS' micro space: cells node by node, inputs by attention over the nodes
/// before, operations by one shared softmax.
///
/// Of each node both inputs are chosen first, then both operations; after a chosen input the state
/// at its node is read next, after an operation its embedding. The two inputs of a cell take a step
/// each and are read as zeros. The reduction cell goes on from the state of the normal cell. In the
/// normal cell separable convolutions are preferred for good, and everywhere at first, by a bias
/// that is learnt.
///
/// Source: Pham et al., arXiv 1802.03268, section 2.4, and `micro_controller.py` of the released
/// code, whose sampler this is.
public final class ENASMicroPolicy: SteppedPolicy {
  public let parameters = Parameters()
  public let context = ComputeContext.forPolicies()
  let decisionCount: Int
  private let network: AnchorNetwork
  private let inputTemper: ChoiceTemper
  private let operationTemper: ChoiceTemper
  /// Added to the tempered logits of the normal cell's operations.
  private let preferences: [Double]

  /// Choices of a node: first input, its operation, second input, its operation.
  private static let choicesPerNode = 4

  /// Makes a controller with random weights.
  public init(_ shape: ENASPolicyShape, key: RandomKey) {
    let operations = ENASMicro.operations
    let isSeparable = operations.map { [.separable3x3, .separable5x5].contains($0) }
    network = AnchorNetwork(
      operations: operations.count, hidden: shape.hidden, initialRange: shape.initialRange,
      bias: isSeparable.map { $0 ? 10 : 0 }, in: parameters)
    preferences = isSeparable.map { $0 ? 0.25 : -0.25 }
    inputTemper = shape.temper
    operationTemper = ChoiceTemper(
      temperature: shape.temper.temperature,
      tanhConstant: shape.temper.tanhConstant.map { $0 / shape.operationTanhReduction })
    decisionCount = 2 * ENASMicro.nodesPerCell * Self.choicesPerNode
    network.allocate(in: context, key: key)
  }

  func run(_ pass: DecisionPass) {
    var state = pass.tape.zeroLSTMState(batch: pass.count, hidden: network.hidden)
    let cellDecisions = decisionCount / 2
    for (cell, preferences) in [preferences, []].enumerated() {
      run(pass, from: &state, firstDecision: cell * cellDecisions, preferences: preferences)
    }
  }

  private func run(
    _ pass: DecisionPass, from state: inout LSTMState, firstDecision: Int, preferences: [Double]
  ) {
    var temper = operationTemper
    temper.preferences = preferences
    var anchors: [Tensor] = []
    var keys: [Tensor] = []
    for _ in 0..<CellGenotype.inputStates {
      state = network.step(network.start(pass), from: state, pass)
      anchors.append(pass.tape.zeros(state.output.shape))
      keys.append(network.key(state, pass))
    }
    for node in 0..<ENASMicro.nodesPerCell {
      let decisions = firstDecision + node * Self.choicesPerNode
      var input = network.start(pass)
      for side in 0..<2 {
        state = network.step(input, from: state, pass)
        let chosen = pass.choose(
          decisions + 2 * side, logits: network.anchorScores(state, keys: keys, pass),
          temper: inputTemper)
        input = pass.tape.mixRows(
          anchors, weights: chosen.map { index in anchors.indices.map { $0 == index ? 1 : 0 } })
      }
      for side in 0..<2 {
        state = network.step(input, from: state, pass)
        let chosen = pass.choose(
          decisions + 2 * side + 1, logits: network.operationLogits(state, pass), temper: temper)
        input = network.embedded(chosen, pass)
      }
      state = network.step(input, from: state, pass)
      anchors.append(state.output)
      keys.append(network.key(state, pass))
    }
  }
}
