import Randomness
import TensorCore

/// The network of ENAS' controllers: one layer of long short-term memory, operations in and out,
/// and attention over the states at earlier anchors.
///
/// Source: Pham et al., arXiv 1802.03268, section 2, and the released code: 64 units, weights
/// uniform in ±0.1, no biases in the recurrent layer.
struct AnchorNetwork {
  let hidden: Int
  private let parameters: Parameters
  /// Row 0 is read where nothing was decided, row 1 + k after operation k.
  private let embedding: Parameter
  private let recurrent: Parameter
  private let output: Parameter
  private let outputBias: Parameter?
  private let bias: [Float]
  private let attention: (earlier: Parameter, current: Parameter, direction: Parameter)

  /// Declares the weights.
  ///
  /// - Parameter bias: First value of the bias of each operation's logit; empty for no bias.
  init(
    operations: Int, hidden: Int, initialRange: Float, bias: [Float] = [],
    in parameters: Parameters
  ) {
    self.bias = bias
    self.hidden = hidden
    self.parameters = parameters
    let draw = Initializer.uniform(bound: initialRange)
    embedding = parameters.declare("embedding", [1 + operations, hidden], draw)
    recurrent = parameters.declare("lstm", [2 * hidden, 4 * hidden], draw)
    output = parameters.declare("operation.weights", [hidden, operations], draw)
    outputBias =
      bias.isEmpty ? nil : parameters.declare("operation.bias", [operations], .constant(0))
    attention = (
      parameters.declare("anchor.earlier", [hidden, hidden], draw),
      parameters.declare("anchor.current", [hidden, hidden], draw),
      parameters.declare("anchor.direction", [hidden], draw)
    )
  }

  /// Makes the buffers and draws the first values.
  func allocate(in context: ComputeContext, key: RandomKey) {
    parameters.allocate(in: context, key: key)
    if let outputBias { parameters.assign(bias, to: outputBias) }
  }

  /// What is read where nothing was decided.
  func start(_ pass: DecisionPass) -> Tensor {
    embedded(pass, rows: [Int32](repeating: 0, count: pass.tape.isDry ? 0 : pass.count))
  }

  /// What is read after an operation was chosen.
  func embedded(_ operations: [Int], _ pass: DecisionPass) -> Tensor {
    embedded(pass, rows: operations.map { 1 + Int32($0) })
  }

  private func embedded(_ pass: DecisionPass, rows: [Int32]) -> Tensor {
    pass.tape.embedding(rows, count: pass.count, table: embedding, of: parameters)
  }

  /// One time step.
  func step(_ input: Tensor, from state: LSTMState, _ pass: DecisionPass) -> LSTMState {
    pass.tape.lstmCell(input, from: state, weights: recurrent, of: parameters)
  }

  /// The logits of the operations, `[sequences, operations]`.
  func operationLogits(_ state: LSTMState, _ pass: DecisionPass) -> Tensor {
    pass.tape.linear(state.output, weights: output, bias: outputBias, of: parameters)
  }

  /// What attention looks at of an anchor's state: W₁ h.
  func key(_ state: LSTMState, _ pass: DecisionPass) -> Tensor {
    pass.tape.linear(state.output, weights: attention.earlier, bias: nil, of: parameters)
  }

  /// vᵀ tanh(W₁ h_j + W₂ h) for each earlier anchor j, `[sequences, anchors]`.
  func anchorScores(_ state: LSTMState, keys: [Tensor], _ pass: DecisionPass) -> Tensor {
    pass.tape.attentionScores(
      earlier: keys,
      current: pass.tape.linear(
        state.output, weights: attention.current, bias: nil, of: parameters),
      direction: attention.direction, of: parameters)
  }
}
