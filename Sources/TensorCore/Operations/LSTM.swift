import CKernels
import Checks
import OperationCosts

/// The weights of one layer of long short-term memory; gates in the order i, f, g, o.
public struct LSTMWeights {
  /// Sizes `[inputs, 4 · hidden]`.
  public let input: Parameter
  /// Sizes `[hidden, 4 · hidden]`.
  public let hidden: Parameter
  /// Two biases of `4 · hidden` that are added, as PyTorch has them.
  public let inputBias: Parameter
  public let hiddenBias: Parameter

  public init(input: Parameter, hidden: Parameter, inputBias: Parameter, hiddenBias: Parameter) {
    self.input = input
    self.hidden = hidden
    self.inputBias = inputBias
    self.hiddenBias = hiddenBias
  }
}

/// What a recurrent layer carries from one time step, or one stretch of text, to the next.
public struct LSTMState {
  /// Hidden state and cell, matrices `[batch, hidden]`.
  public let output: Tensor
  public let cell: Tensor

  public init(output: Tensor, cell: Tensor) {
    self.output = output
    self.cell = cell
  }
}

extension Tape {
  /// An LSTM state of zeros.
  public func zeroLSTMState(batch: Int, hidden: Int) -> LSTMState {
    let shape = Shape(rows: batch, columns: hidden)
    return LSTMState(output: zeros(shape), cell: zeros(shape))
  }

  /// Runs a layer of long short-term memory over all time steps.
  ///
  ///     [i f g o] = x W + h' U + b, through sigmoid, sigmoid, tanh, sigmoid
  ///     c = f c' + i g;   h = o tanh c
  ///
  /// One product serves the inputs of all steps; each step then is one pass.
  ///
  /// Source: Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735, with the forget gates
  /// of Gers et al. 2000, doi:10.1162/089976600300015015.
  ///
  /// - Parameters:
  ///   - input: Rows by time, then by sequence: `[steps · batch, inputs]`.
  ///   - state: State before the first step; no gradient flows into it.
  ///   - hiddenMask: Factors of the recurrent weights, a matrix `[hidden, 4 · hidden]`: DropConnect
  ///     (Wan et al., ICML 2013) as Merity et al. have it (arXiv 1708.02182, section 2), one mask
  ///     for all steps.
  /// - Returns: The outputs of all steps, `[steps · batch, hidden]`, and the state after the last.
  public func lstm(
    _ input: Tensor, from state: LSTMState, _ weights: LSTMWeights, hiddenMask: Tensor? = nil,
    of parameters: Parameters
  ) -> (output: Tensor, state: LSTMState) {
    let layer = LSTMLayer(input, from: state, weights, hiddenMask, of: parameters, on: self)
    layer.chargeOperations()
    compute { layer.forward($0) }
    record(layer.output) { gradient in layer.backward(gradient) }
    return (layer.output, layer.lastState)
  }
}

/// One pass of a layer: what forward leaves to backward.
private final class LSTMLayer {
  let output: Tensor
  let lastState: LSTMState
  private let tape: Tape
  private let input: Tensor
  private let state: LSTMState
  private let weights: LSTMWeights
  private let parameters: Parameters
  private let hiddenMask: Tensor?
  // The recurrent weights times the mask.
  private let droppedWeights: Storage?
  // Gates after their activations, turned into their gradients by `backward`: [steps · batch, 4 h].
  private let gates: Storage
  private let cells: Storage
  private let (steps, batch, inputs, hidden): (Int, Int, Int, Int)

  init(
    _ input: Tensor, from state: LSTMState, _ weights: LSTMWeights, _ hiddenMask: Tensor?,
    of parameters: Parameters, on tape: Tape
  ) {
    (self.input, self.state, self.weights) = (input, state, weights)
    (self.hiddenMask, self.parameters, self.tape) = (hiddenMask, parameters, tape)
    batch = state.output.shape.batch
    hidden = state.output.shape.channels
    inputs = input.shape.channels
    steps = input.shape.batch / batch
    let maskShape = Shape(rows: hidden, columns: 4 * hidden)
    check(
      input.shape.batch == steps * batch && input.isPacked
        && weights.input.sizes == [inputs, 4 * hidden]
        && weights.hidden.sizes == [hidden, 4 * hidden]
        && hiddenMask?.shape ?? maskShape == maskShape,
      "lstm: input \(input.shape), state \(state.output.shape) and weights "
        + "\(weights.input.sizes), \(weights.hidden.sizes) disagree")
    output = tape.empty(
      Shape(rows: steps * batch, columns: hidden),
      requiresGradient: input.requiresGradient || tape.differentiates(parameters))
    droppedWeights = hiddenMask.map { tape.scratch($0.shape.count) }
    gates = tape.scratch(steps * batch * 4 * hidden)
    cells = tape.scratch(steps * batch * hidden)
    lastState = LSTMState(
      output: tape.empty(state.output.shape, requiresGradient: false),
      cell: tape.empty(state.cell.shape, requiresGradient: false))
  }

  func chargeOperations() {
    let rows = steps * batch
    let inputCost = LogicalOperation(
      .matrixProduct, flops: 8 * rows * inputs * hidden,
      bytes: 4 * (rows * inputs + 4 * inputs * hidden + 4 * rows * hidden))
    let stepCost = LogicalOperation(
      .recurrentProduct, flops: 8 * batch * hidden * hidden,
      bytes: 4 * (batch * hidden + 4 * hidden * hidden + 4 * batch * hidden))
    // Three sigmoids and two tanh of about 5 operations each, and 4 for the cell.
    let cellCost = LogicalOperation(
      .memoryBound, flops: 29 * batch * hidden, bytes: 4 * 7 * batch * hidden)
    let isTrained = tape.differentiates(
      parameters, [weights.input, weights.hidden, weights.inputBias, weights.hiddenBias])
    tape.charge(inputCost)
    if input.requiresGradient { tape.chargeBackward(inputCost) }
    if isTrained { tape.chargeBackward(inputCost) }
    if let hiddenMask {
      let count = hiddenMask.shape.count
      let maskCost = LogicalOperation(.memoryBound, flops: count, bytes: 12 * count)
      tape.charge(maskCost)
      if isTrained { tape.chargeBackward(maskCost) }
    }
    for _ in 0..<steps {
      tape.charge(stepCost)
      tape.charge(cellCost)
      guard output.requiresGradient else { continue }
      tape.chargeBackward(stepCost)
      if isTrained { tape.chargeBackward(stepCost) }
      tape.chargeBackward(cellCost)
    }
  }

  // MARK: Forward

  private func gates(at step: Int) -> UnsafeMutablePointer<Float> {
    gates.floats + step * batch * 4 * hidden
  }
  private func cell(at step: Int) -> UnsafeMutablePointer<Float> {
    cells.floats + step * batch * hidden
  }
  private func previous(_ step: Int) -> UnsafeMutablePointer<Float> {
    step == 0 ? state.output.floats : output.floats + (step - 1) * batch * hidden
  }
  private func previousCell(_ step: Int) -> UnsafeMutablePointer<Float> {
    step == 0 ? state.cell.floats : cell(at: step - 1)
  }

  /// The recurrent weights as the steps read them.
  private var hiddenMatrix: UnsafeMutablePointer<Float> {
    droppedWeights?.floats ?? parameters.pointer(weights.hidden)
  }

  /// Multiplies a matrix of the size of the recurrent weights by their mask.
  private func applyMask(
    _ context: ComputeContext, _ matrix: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    guard let hiddenMask else { return }
    context.kernels.mask_rows(
      context.pool, Int32(hidden), Int32(4 * hidden), Int32(hidden), matrix, hiddenMask.floats,
      target, accumulates ? 1 : 0)
  }

  func forward(_ context: ComputeContext) {
    let (kernels, pool, rows) = (context.kernels, context.pool, steps * batch)
    if let droppedWeights {
      applyMask(
        context, parameters.pointer(weights.hidden), to: droppedWeights.floats,
        accumulates: false)
    }
    context.matmul(
      m: rows, n: 4 * hidden, k: inputs, a: input.floats, lda: inputs,
      b: parameters.pointer(weights.input), ldb: 4 * hidden, transposedB: false, c: gates.floats,
      ldc: 4 * hidden, accumulates: false)
    for bias in [weights.inputBias, weights.hiddenBias] {
      kernels.add_bias(
        pool, Int32(rows), Int32(4 * hidden), parameters.pointer(bias), gates.floats,
        Int32(4 * hidden))
    }
    let matrix = hiddenMatrix
    let packed =
      context.blas == .native
      ? tape.scratch(PackedMatrix.floats(rows: hidden, columns: hidden) * 4) : nil
    if let packed {
      kernels.pack_gates(pool, Int32(hidden), 4, Int32(hidden), matrix, packed.floats)
    }
    for step in 0..<steps {
      if packed == nil {
        context.matmul(
          m: batch, n: 4 * hidden, k: hidden, a: previous(step), lda: hidden, b: matrix,
          ldb: 4 * hidden, transposedB: false, c: gates(at: step), ldc: 4 * hidden,
          accumulates: true)
      }
      kernels.lstm_forward(
        pool, Int32(batch), Int32(hidden), packed?.floats, previous(step), previousCell(step),
        gates(at: step), cell(at: step), output.floats + step * batch * hidden)
    }
    lastState.output.floats.update(from: previous(steps), count: batch * hidden)
    lastState.cell.floats.update(from: previousCell(steps), count: batch * hidden)
  }

  // MARK: Backward

  func backward(_ gradient: Tensor) {
    let sink = input.requiresGradient ? input.gradientSink(tape) : nil
    let cellGradient = tape.scratch(batch * hidden)
    tape.compute { context in
      cellGradient.floats.update(repeating: 0, count: batch * hidden)
      backwardThroughTime(context, gradient, cellGradient.floats)
      if tape.differentiates(parameters) { addWeightGradients(context) }
      if let (sink, accumulates) = sink {
        context.matmul(
          m: steps * batch, n: inputs, k: 4 * hidden, a: gates.floats, lda: 4 * hidden,
          b: parameters.pointer(weights.input), ldb: 4 * hidden, transposedB: true,
          c: sink.floats, ldc: sink.pixelStride, accumulates: accumulates)
      }
    }
  }

  private func backwardThroughTime(
    _ context: ComputeContext, _ gradient: Tensor, _ cellGradient: UnsafeMutablePointer<Float>
  ) {
    let transpose = PackedMatrix(
      hiddenMatrix, rows: 4 * hidden, columns: hidden, isTransposed: true,
      on: tape, in: context)
    for step in (0..<steps).reversed() {
      let later = step + 1 < steps ? gates(at: step + 1) : nil
      let outputGradient = gradient.floats + step * batch * hidden
      if let later, transpose.packed == nil {
        transpose.multiply(
          context, m: batch, a: later, lda: 4 * hidden, c: outputGradient, ldc: hidden,
          accumulates: true)
      }
      context.kernels.lstm_backward(
        context.pool, Int32(batch), Int32(hidden), transpose.packed?.floats, later,
        previousCell(step), cell(at: step), outputGradient, cellGradient, gates(at: step))
    }
  }

  private func addWeightGradients(_ context: ComputeContext) {
    func add(
      _ rows: Int, _ depth: Int, _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
      to sink: (pointer: UnsafeMutablePointer<Float>, accumulates: Bool)
    ) {
      let (target, accumulates) = sink
      context.matmulTransposed(
        m: rows, n: 4 * hidden, k: depth, a: left, lda: depth, b: right, ldb: 4 * hidden,
        c: target, ldc: 4 * hidden, accumulates: accumulates)
    }
    add(
      steps * batch, inputs, input.floats, gates.floats,
      to: parameters.gradientSink(weights.input))
    // The gradient of the dropped weights, which then are not read any more.
    let dropped = droppedWeights.map { ($0.floats, false) }
    let sink = dropped ?? parameters.gradientSink(weights.hidden)
    add(batch, hidden, state.output.floats, gates.floats, to: sink)
    if steps > 1 {
      add((steps - 1) * batch, hidden, output.floats, gates(at: 1), to: (sink.0, true))
    }
    if let droppedWeights {
      let (target, accumulates) = parameters.gradientSink(weights.hidden)
      applyMask(context, droppedWeights.floats, to: target, accumulates: accumulates)
    }
    for bias in [weights.inputBias, weights.hiddenBias] {
      context.kernels.bias_gradient(
        context.pool, Int32(steps * batch), Int32(4 * hidden), gates.floats, Int32(4 * hidden),
        parameters.gradientPointer(bias))
    }
  }
}
