import CKernels
import Checks
import OperationCosts

extension Tape {
  /// Runs one time step of long short-term memory whose input may depend on its earlier outputs.
  ///
  ///     [i f g o] = [x h'] W   through sigmoid, sigmoid, tanh, sigmoid
  ///     c = f c' + i g;   h = o tanh c
  ///
  /// Unlike `lstm`, gradients flow into the state, so steps can be chained one by one; there is no
  /// bias.
  ///
  /// Source: Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; without biases as in
  /// the released code of ENAS (arXiv 1802.03268).
  ///
  /// - Parameters:
  ///   - input: A matrix `[batch, inputs]`.
  ///   - state: Outputs and cells before the step, `[batch, hidden]`.
  ///   - weights: Sizes `[inputs + hidden, 4 · hidden]`.
  /// - Returns: The state after the step; its output is the step's.
  public func lstmCell(
    _ input: Tensor, from state: LSTMState, weights: Parameter, of parameters: Parameters
  ) -> LSTMState {
    let step = LSTMCellStep(input, from: state, weights, of: parameters, on: self)
    step.chargeOperations()
    compute { step.forward($0) }
    record { step.backward() }
    return step.result
  }
}

/// One step: what forward leaves to backward.
private final class LSTMCellStep {
  let result: LSTMState
  private let tape: Tape
  private let input: Tensor
  private let state: LSTMState
  private let weights: Parameter
  private let parameters: Parameters
  // Gates after their activations, turned into their gradients by `backward`: [batch, 4 · hidden].
  private let gates: Storage
  private let (batch, inputs, hidden): (Int, Int, Int)

  init(
    _ input: Tensor, from state: LSTMState, _ weights: Parameter, of parameters: Parameters,
    on tape: Tape
  ) {
    (self.input, self.state, self.weights) = (input, state, weights)
    (self.parameters, self.tape) = (parameters, tape)
    (batch, inputs, hidden) = (
      input.shape.batch, input.shape.channels, state.output.shape.channels
    )
    check(
      state.output.shape == Shape(rows: batch, columns: hidden)
        && state.cell.shape == state.output.shape
        && weights.sizes == [inputs + hidden, 4 * hidden]
        && [input, state.output, state.cell].allSatisfy { $0.isPacked },
      "lstmCell: input \(input.shape), state \(state.output.shape) and weights \(weights.sizes) "
        + "disagree")
    let requiresGradient =
      tape.differentiates(parameters)
      || [input, state.output, state.cell].contains { $0.requiresGradient }
    gates = tape.scratch(batch * 4 * hidden)
    result = LSTMState(
      output: tape.empty(state.output.shape, requiresGradient: requiresGradient),
      cell: tape.empty(state.output.shape, requiresGradient: requiresGradient))
  }

  /// One product of the joined input and output; activations as in `lstm`.
  func chargeOperations() {
    let rows = inputs + hidden
    let product = LogicalOperation(
      .recurrentProduct, flops: 8 * batch * rows * hidden,
      bytes: 4 * (batch * rows + 4 * rows * hidden + 4 * batch * hidden))
    let cell = LogicalOperation(
      .memoryBound, flops: 29 * batch * hidden, bytes: 4 * 7 * batch * hidden)
    tape.charge(product)
    tape.charge(cell)
    if input.requiresGradient || state.output.requiresGradient { tape.chargeBackward(product) }
    if tape.differentiates(parameters) { tape.chargeBackward(product) }
    if result.output.requiresGradient { tape.chargeBackward(cell) }
  }

  /// The rows of the weights that the input or the earlier output is multiplied with.
  private var parts: [(tensor: Tensor, row: Int)] { [(input, 0), (state.output, inputs)] }

  func forward(_ context: ComputeContext) {
    for (tensor, row) in parts {
      context.matmul(
        m: batch, n: 4 * hidden, k: tensor.shape.channels, a: tensor.floats,
        lda: tensor.shape.channels, b: parameters.pointer(weights) + row * 4 * hidden,
        ldb: 4 * hidden, transposedB: false, c: gates.floats, ldc: 4 * hidden,
        accumulates: row > 0)
    }
    context.kernels.lstm_forward(
      context.pool, Int32(batch), Int32(hidden), nil, state.output.floats, state.cell.floats,
      gates.floats, result.cell.floats, result.output.floats)
  }

  func backward() {
    guard result.output.gradient != nil || result.cell.gradient != nil else { return }
    let (outputGradient, cellGradient) = (arrived(at: result.output), arrived(at: result.cell))
    let cellSink = state.cell.requiresGradient ? state.cell.gradientSink(tape) : nil
    let sinks = parts.map { $0.tensor.requiresGradient ? $0.tensor.gradientSink(tape) : nil }
    tape.compute { context in
      context.kernels.lstm_backward(
        context.pool, Int32(batch), Int32(hidden), nil, nil, state.cell.floats,
        result.cell.floats, outputGradient.floats, cellGradient.floats, gates.floats)
      if let (sink, accumulates) = cellSink {
        context.copy(cellGradient, to: sink, accumulates: accumulates)
      }
      for (part, sink) in zip(parts, sinks) {
        pullBack(part.tensor, row: part.row, to: sink, context)
      }
    }
    result.output.dropGradient()
    result.cell.dropGradient()
  }

  /// The gradient of the product with one part of the weights.
  private func pullBack(
    _ tensor: Tensor, row: Int, to sink: (tensor: Tensor, accumulates: Bool)?,
    _ context: ComputeContext
  ) {
    let (count, offset) = (tensor.shape.channels, row * 4 * hidden)
    if tape.differentiates(parameters) {
      context.matmulTransposed(
        m: batch, n: 4 * hidden, k: count, a: tensor.floats, lda: count, b: gates.floats,
        ldb: 4 * hidden, c: parameters.gradientPointer(weights) + offset, ldc: 4 * hidden)
    }
    guard let (sink, accumulates) = sink else { return }
    context.matmul(
      m: batch, n: count, k: 4 * hidden, a: gates.floats, lda: 4 * hidden,
      b: parameters.pointer(weights) + offset, ldb: 4 * hidden, transposedB: true, c: sink.floats,
      ldc: count, accumulates: accumulates)
  }

  /// The gradient that has arrived, ready to be changed; zeros if none has.
  private func arrived(at tensor: Tensor) -> Tensor {
    let (gradient, accumulates) = tensor.gradientSink(tape)
    if !accumulates { tape.fill(gradient, with: 0) }
    return gradient
  }
}
