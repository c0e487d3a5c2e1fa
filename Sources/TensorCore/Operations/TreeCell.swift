import CKernels
import Checks
import OperationCosts

/// A recurrent cell that is a full binary tree.
///
/// Source: Zoph & Le, arXiv 1611.01578, section 3.4.
public struct TreeWiring: Hashable, Sendable {
  /// How a node combines its two inputs.
  public enum Combination: Hashable, CaseIterable, Sendable {
    case add, multiply
  }

  /// What a node computes: a function of a combination.
  public struct Node: Hashable, Sendable {
    public let combination: Combination
    public let activation: RecurrentActivation

    public init(_ combination: Combination, _ activation: RecurrentActivation) {
      self.combination = combination
      self.activation = activation
    }

    fileprivate var kernel: ck_tree_node {
      ck_tree_node(
        multiplies: combination == .multiply ? 1 : 0, function: Int32(activation.rawValue))
    }
  }

  /// Leaves first, then level by level up to the root; nodes 2k and 2k + 1 below node leaves + k.
  public let nodes: [Node]
  /// The node whose output is combined with the cell before, and how.
  public let injected: Int
  public let injection: Node
  /// The node whose value before its function is the next cell.
  public let cell: Int

  /// Most leaves that the kernels have room for.
  public static let mostLeaves = Int(CK_TREE_LEAVES)

  public init(nodes: [Node], injected: Int, injection: Node, cell: Int) {
    (self.nodes, self.injected, self.injection, self.cell) = (nodes, injected, injection, cell)
    let leaves = (nodes.count + 1) / 2
    check(
      leaves >= 1 && leaves <= Self.mostLeaves && leaves & (leaves - 1) == 0
        && nodes.count == 2 * leaves - 1 && nodes.indices.contains(injected)
        && nodes.indices.contains(cell),
      "TreeWiring: \(nodes.count) nodes, injection at \(injected), cell at \(cell)")
  }

  public var leaves: Int { (nodes.count + 1) / 2 }

  fileprivate func withKernel(_ body: (UnsafePointer<ck_tree>) -> Void) {
    nodes.map { $0.kernel }.withUnsafeBufferPointer { nodes in
      var tree = ck_tree(
        leaves: Int32(leaves), node: nodes.baseAddress, injected: Int32(injected),
        inject: injection.kernel, cell: Int32(cell))
      body(&tree)
    }
  }
}

/// The weights of a tree cell.
public struct TreeCellWeights {
  /// Of the input, for all leaves: sizes `[inputs, leaves · hidden]`.
  public let input: Parameter
  /// Of the hidden state, for all leaves: sizes `[hidden, leaves · hidden]`.
  public let hidden: Parameter

  public init(input: Parameter, hidden: Parameter) {
    self.input = input
    self.hidden = hidden
  }
}

extension Tape {
  /// Runs a tree cell over all time steps.
  ///
  /// Leaf k is f(x Wₖ ∘ (h m) Uₖ), an inner node f(a ∘ b) of its children, with ∘ a sum or an
  /// elementwise product. One node's output a becomes f'(a ∘' c). The root's is the next h, the
  /// value of one node before its function the next c. There are no biases.
  ///
  /// Source: Zoph & Le, arXiv 1611.01578, section 3.4.
  ///
  /// - Parameters:
  ///   - input: Rows by time, then by sequence: `[steps · batch, inputs]`.
  ///   - state: h and c before the first step; no gradient flows into them.
  ///   - mask: m, a matrix `[batch, hidden]`, the same at all time steps.
  /// - Returns: h of all steps, `[steps · batch, hidden]`, and the state after the last.
  public func treeCell(
    _ input: Tensor, from state: LSTMState, mask: Tensor, _ weights: TreeCellWeights,
    wiring: TreeWiring, of parameters: Parameters
  ) -> (output: Tensor, state: LSTMState) {
    let pass = TreeCellPass(
      input, from: state, mask: mask, weights, wiring, of: parameters, on: self)
    pass.chargeOperations()
    compute { pass.forward($0) }
    record(pass.output) { gradient in pass.backward(gradient) }
    return (pass.output, pass.lastState)
  }
}

/// One run over time: what forward leaves to backward.
private final class TreeCellPass {
  typealias Floats = UnsafeMutablePointer<Float>

  let output: Tensor
  let lastState: LSTMState
  private let tape: Tape
  private let input: Tensor
  private let state: LSTMState
  private let mask: Tensor
  private let weights: TreeCellWeights
  private let wiring: TreeWiring
  private let parameters: Parameters
  private let (steps, batch, inputs, hidden, width): (Int, Int, Int, Int, Int)

  // Products by the input and the hidden state, [steps · batch][leaves · hidden], turned into
  // their gradients by `backward`; cells and the masked hidden states that the products read.
  private let inputProducts: Storage
  private let hiddenProducts: Storage
  private let cells: Storage
  private let maskedHidden: Storage

  init(
    _ input: Tensor, from state: LSTMState, mask: Tensor, _ weights: TreeCellWeights,
    _ wiring: TreeWiring, of parameters: Parameters, on tape: Tape
  ) {
    (self.input, self.state, self.mask, self.weights) = (input, state, mask, weights)
    (self.wiring, self.parameters, self.tape) = (wiring, parameters, tape)
    let shape = state.output.shape
    (batch, hidden, inputs) = (shape.batch, shape.channels, input.shape.channels)
    (steps, width) = (input.shape.batch / batch, wiring.leaves * hidden)
    check(
      input.shape.batch == steps * batch && input.isPacked && state.cell.shape == shape
        && mask.shape == shape && weights.input.sizes == [inputs, width]
        && weights.hidden.sizes == [hidden, width],
      "treeCell: input \(input.shape), state \(shape) and weights \(weights.input.sizes), "
        + "\(weights.hidden.sizes) disagree")
    output = tape.empty(
      Shape(rows: steps * batch, columns: hidden),
      requiresGradient: input.requiresGradient || tape.differentiates(parameters))
    lastState = LSTMState(
      output: tape.empty(shape, requiresGradient: false),
      cell: tape.empty(shape, requiresGradient: false))
    inputProducts = tape.scratch(steps * batch * width)
    hiddenProducts = tape.scratch(steps * batch * width)
    cells = tape.scratch(steps * batch * hidden)
    maskedHidden = tape.scratch(steps * batch * hidden)
  }

  func chargeOperations() {
    let (rows, units, nodes) = (steps * batch, batch * hidden, wiring.nodes.count + 1)
    let inputCost = LogicalOperation(
      .matrixProduct, flops: 2 * rows * inputs * width,
      bytes: 4 * (rows * inputs + inputs * width + rows * width))
    let stepCost = LogicalOperation(
      .recurrentProduct, flops: 2 * units * width,
      bytes: 4 * (units + hidden * width + batch * width))
    // A combination and a function of about 5 operations a node and for the injection.
    let treeCost = LogicalOperation(
      .memoryBound, flops: 6 * nodes * units, bytes: 4 * (2 * wiring.leaves + 3) * units)
    let isTrained = tape.differentiates(parameters, [weights.input, weights.hidden])
    tape.charge(inputCost)
    if input.requiresGradient { tape.chargeBackward(inputCost) }
    if isTrained { tape.chargeBackward(inputCost) }
    for _ in 0..<steps {
      tape.charge(stepCost)
      tape.charge(treeCost)
      guard output.requiresGradient else { continue }
      tape.chargeBackward(stepCost)
      if isTrained { tape.chargeBackward(stepCost) }
      tape.chargeBackward(treeCost)
    }
  }

  private func at(_ step: Int, _ storage: Storage, _ columns: Int) -> Floats {
    storage.floats + step * batch * columns
  }
  private func previous(_ step: Int) -> Floats {
    step == 0 ? state.output.floats : output.floats + (step - 1) * batch * hidden
  }
  private func previousCell(_ step: Int) -> Floats {
    step == 0 ? state.cell.floats : at(step - 1, cells, hidden)
  }
  private func applyMask(
    _ context: ComputeContext, _ from: Floats, to target: Floats, accumulates: Bool
  ) {
    context.kernels.mask_rows(
      context.pool, Int32(batch), Int32(hidden), Int32(batch), from, mask.floats, target,
      accumulates ? 1 : 0)
  }

  func forward(_ context: ComputeContext) {
    context.matmul(
      m: steps * batch, n: width, k: inputs, a: input.floats, lda: inputs,
      b: parameters.pointer(weights.input), ldb: width, transposedB: false,
      c: inputProducts.floats, ldc: width, accumulates: false)
    let matrix = PackedMatrix(
      parameters.pointer(weights.hidden), rows: hidden, columns: width, isTransposed: false,
      on: tape, in: context)
    wiring.withKernel { tree in
      for step in 0..<steps {
        let read = at(step, maskedHidden, hidden)
        applyMask(context, previous(step), to: read, accumulates: false)
        matrix.multiply(
          context, m: batch, a: read, lda: hidden, c: at(step, hiddenProducts, width), ldc: width,
          accumulates: false)
        context.kernels.tree_forward(
          context.pool, Int32(batch), Int32(hidden), tree, at(step, inputProducts, width),
          at(step, hiddenProducts, width), previousCell(step), at(step, cells, hidden),
          output.floats + step * batch * hidden)
      }
    }
    lastState.output.floats.update(from: previous(steps), count: batch * hidden)
    lastState.cell.floats.update(from: previousCell(steps), count: batch * hidden)
  }

  func backward(_ gradient: Tensor) {
    let sink = input.requiresGradient ? input.gradientSink(tape) : nil
    let cellGradient = tape.scratch(batch * hidden)
    let product = tape.scratch(batch * hidden)
    tape.compute { context in
      cellGradient.floats.update(repeating: 0, count: batch * hidden)
      backwardThroughTime(context, gradient.floats, cellGradient.floats, product.floats)
      if tape.differentiates(parameters) {
        add(context, input.floats, inputs, inputProducts, to: weights.input)
        add(context, maskedHidden.floats, hidden, hiddenProducts, to: weights.hidden)
      }
      if let (sink, accumulates) = sink {
        context.matmul(
          m: steps * batch, n: inputs, k: width, a: inputProducts.floats, lda: width,
          b: parameters.pointer(weights.input), ldb: width, transposedB: true, c: sink.floats,
          ldc: sink.pixelStride, accumulates: accumulates)
      }
    }
  }

  private func backwardThroughTime(
    _ context: ComputeContext, _ gradient: Floats, _ cellGradient: Floats, _ product: Floats
  ) {
    let transpose = PackedMatrix(
      parameters.pointer(weights.hidden), rows: width, columns: hidden, isTransposed: true,
      on: tape, in: context)
    wiring.withKernel { tree in
      for step in (0..<steps).reversed() {
        let products = at(step, hiddenProducts, width)
        context.kernels.tree_backward(
          context.pool, Int32(batch), Int32(hidden), tree, previousCell(step),
          gradient + step * batch * hidden, cellGradient, at(step, inputProducts, width), products)
        guard step > 0 else { return }
        transpose.multiply(
          context, m: batch, a: products, lda: width, c: product, ldc: hidden, accumulates: false)
        applyMask(
          context, product, to: gradient + (step - 1) * batch * hidden, accumulates: true)
      }
    }
  }

  private func add(
    _ context: ComputeContext, _ left: Floats, _ depth: Int, _ products: Storage,
    to weights: Parameter
  ) {
    let (target, accumulates) = parameters.gradientSink(weights)
    context.matmulTransposed(
      m: steps * batch, n: width, k: depth, a: left, lda: depth, b: products.floats, ldb: width,
      c: target, ldc: width, accumulates: accumulates)
  }
}
