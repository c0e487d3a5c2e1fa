import CKernels
import Checks
import OperationCosts

extension RecurrentActivation {
  /// A mixture of this function alone.
  var alone: (Float, Float, Float, Float) {
    let weights = Self.allCases.map { $0 == self ? 1 as Float : 0 }
    return (weights[0], weights[1], weights[2], weights[3])
  }
}

/// One run of a recurrent cell over time: what forward leaves to backward.
///
/// States, their masked copies and the gates of all edges are kept node by node, each for all time
/// steps, so that a weight's gradient is one product over time.
final class RecurrentCellPass {
  typealias Floats = UnsafeMutablePointer<Float>

  /// An edge by its place in the kept gates.
  struct PlacedEdge {
    let index: Int
    let node: Int
    let source: Int
    let function: RecurrentWiring.Function

    /// Weights of tanh, relu, sigmoid and identity.
    var mixture: (Float, Float, Float, Float) {
      switch function {
      case .one(let activation): return activation.alone
      case .mixture(let weights):
        let values = weights.floats
        return (values[1], values[2], values[3], values[4])
      }
    }
  }

  let output: Tensor
  let lastState: Tensor
  let tape: Tape
  let input: Tensor
  let state: Tensor
  let mask: Tensor
  let weights: RecurrentCellWeights
  let parameters: Parameters
  let isNormalized: Bool
  let initial: RecurrentActivation
  let outputs: [Int]
  let edges: [PlacedEdge]
  /// State numbers that do not read each other, earliest first.
  let levels: [[Int]]
  let (steps, batch, inputs, hidden, nodes): (Int, Int, Int, Int, Int)

  // [state][step][batch, hidden], twice; the hidden state masked, [step][batch, hidden].
  let states: Storage
  let masked: Storage
  let maskedHidden: Storage
  // [step][batch, 2 hidden] of state 0, and the same for each edge.
  let initialGates: Storage
  let edgeGates: Storage
  // 1 / deviation, [state][step][hidden].
  let scales: Storage?

  init(
    _ input: Tensor, from state: Tensor, mask: Tensor, _ weights: RecurrentCellWeights,
    _ wiring: RecurrentWiring, of parameters: Parameters, on tape: Tape
  ) {
    (self.input, self.state, self.mask, self.weights) = (input, state, mask, weights)
    (self.parameters, self.tape, isNormalized) = (parameters, tape, wiring.isNormalized)
    (initial, outputs) = (wiring.initial, wiring.outputs)
    (batch, hidden, inputs) = (state.shape.batch, state.shape.channels, input.shape.channels)
    steps = input.shape.batch / batch
    nodes = wiring.nodes.count
    let sizes = [hidden, 2 * hidden]
    check(
      input.shape.batch == steps * batch && input.isPacked && mask.shape == state.shape
        && weights.initial.sizes == [inputs + hidden, 2 * hidden]
        && weights.nodes.count == nodes && weights.nodes.allSatisfy { $0.sizes == sizes },
      "recurrentCell: input \(input.shape), state \(state.shape) and weights "
        + "\(weights.initial.sizes) disagree")
    var edges: [PlacedEdge] = []
    var level = [0]
    for (index, node) in wiring.nodes.enumerated() {
      for edge in node {
        edges.append(
          PlacedEdge(
            index: edges.count, node: index + 1, source: edge.source, function: edge.function))
      }
      level.append(1 + (node.map { level[$0.source] }.max() ?? 0))
    }
    self.edges = edges
    levels = (0...(level.max() ?? 0)).map { depth in level.indices.filter { level[$0] == depth } }
    let rows = steps * batch
    output = tape.empty(
      Shape(rows: rows, columns: hidden),
      requiresGradient: input.requiresGradient || tape.differentiates(parameters)
        || wiring.mixtures.contains { $0.requiresGradient })
    lastState = tape.empty(state.shape, requiresGradient: false)
    states = tape.scratch((nodes + 1) * rows * hidden)
    masked = tape.scratch((nodes + 1) * rows * hidden)
    maskedHidden = tape.scratch(rows * hidden)
    initialGates = tape.scratch(rows * 2 * hidden)
    edgeGates = tape.scratch(edges.count * rows * 2 * hidden)
    scales = isNormalized ? tape.scratch((nodes + 1) * steps * hidden) : nil
  }

  // MARK: Where things are

  func state(_ node: Int, at step: Int) -> Floats {
    states.floats + (node * steps + step) * batch * hidden
  }
  func masked(_ node: Int, at step: Int) -> Floats {
    masked.floats + (node * steps + step) * batch * hidden
  }
  func maskedHidden(at step: Int) -> Floats { maskedHidden.floats + step * batch * hidden }
  func initialGates(at step: Int) -> Floats { initialGates.floats + step * batch * 2 * hidden }
  func gates(_ edge: PlacedEdge, at step: Int) -> Floats {
    edgeGates.floats + (edge.index * steps + step) * batch * 2 * hidden
  }
  func scale(_ node: Int, at step: Int) -> Floats? {
    scales.map { $0.floats + (node * steps + step) * hidden }
  }
  /// The hidden state before a step.
  func previous(_ step: Int) -> Floats {
    step == 0 ? state.floats : output.floats + (step - 1) * batch * hidden
  }
  /// The rows of the initial weights that the hidden state meets.
  var hiddenWeights: Floats { parameters.pointer(weights.initial) + inputs * 2 * hidden }
  func matrix(_ node: Int) -> Floats {
    node == 0 ? hiddenWeights : parameters.pointer(weights.nodes[node - 1])
  }

  // MARK: Costs

  func chargeOperations() {
    let isTrained = tape.differentiates(parameters, [weights.initial] + weights.nodes)
    let (rows, units) = (steps * batch, batch * hidden)
    let inputCost = LogicalOperation(
      .matrixProduct, flops: 4 * rows * inputs * hidden,
      bytes: 4 * (rows * inputs + 2 * inputs * hidden + 2 * rows * hidden))
    let stepCost = LogicalOperation(
      .recurrentProduct, flops: 4 * units * hidden,
      bytes: 4 * (units + 2 * hidden * hidden + 2 * units))
    tape.charge(inputCost)
    if input.requiresGradient { tape.chargeBackward(inputCost) }
    if isTrained { tape.chargeBackward(inputCost) }
    // Sigmoid, product, difference and sum of an edge: 8 operations a unit, and 7 a function.
    let functions = edges.reduce(1) { count, edge in
      if case .mixture = edge.function { count + 4 } else { count + 1 }
    }
    let edgeCost = LogicalOperation(
      .memoryBound, flops: (8 * (edges.count + 1) + 7 * functions) * units,
      bytes: 4 * (4 * (edges.count + 1) + outputs.count + 1) * units)
    // Mean, variance and quotient of each state: as batch normalisation without affine map.
    let normalizationCost = LogicalOperation(
      .memoryBound, flops: 5 * (nodes + 1) * units, bytes: 8 * (nodes + 1) * units)
    for _ in 0..<steps {
      for _ in 0...edges.count {
        tape.charge(stepCost)
        if output.requiresGradient { tape.chargeBackward(stepCost) }
        if isTrained { tape.chargeBackward(stepCost) }
      }
      for cost in isNormalized ? [edgeCost, normalizationCost] : [edgeCost] {
        tape.charge(cost)
        if output.requiresGradient { tape.chargeBackward(cost) }
      }
    }
  }

  // MARK: Forward

  func forward(_ context: ComputeContext) {
    let (kernels, pool) = (context.kernels, context.pool)
    context.matmul(
      m: steps * batch, n: 2 * hidden, k: inputs, a: input.floats, lda: inputs,
      b: parameters.pointer(weights.initial), ldb: 2 * hidden, transposedB: false,
      c: initialGates.floats, ldc: 2 * hidden, accumulates: false)
    let packed = (0...nodes).map { packGates(of: $0, context) }
    kernels.mask_rows(
      pool, Int32(batch), Int32(hidden), Int32(batch), state.floats, mask.floats,
      maskedHidden(at: 0), 0)
    for step in 0..<steps {
      for level in levels { forward(level, at: step, packed, context) }
      kernels.cell_mean(
        pool, Int32(batch), Int32(hidden), Int32(outputs.count),
        outputs.map { UnsafePointer(state($0, at: step)) }, output.floats + step * batch * hidden,
        mask.floats,
        step + 1 < steps ? maskedHidden(at: step + 1) : nil)
    }
    lastState.floats.update(from: previous(steps), count: batch * hidden)
  }

  private func packGates(of node: Int, _ context: ComputeContext) -> Storage? {
    guard context.blas == .native else { return nil }
    let packed = tape.scratch(2 * PackedMatrix.floats(rows: hidden, columns: hidden))
    context.kernels.pack_gates(
      context.pool, Int32(hidden), 2, Int32(hidden), matrix(node), packed.floats)
    return packed
  }

  private func forward(
    _ level: [Int], at step: Int, _ packed: [Storage?], _ context: ComputeContext
  ) {
    let read = level.map { node in kernelEdges(of: node, at: step, packed[node]) }
    if packed[0] == nil {
      for (node, edges) in zip(level, read) {
        for edge in edges {
          context.matmul(
            m: batch, n: 2 * hidden, k: hidden, a: edge.input, lda: hidden, b: matrix(node),
            ldb: 2 * hidden, transposedB: false, c: edge.gates, ldc: 2 * hidden,
            accumulates: edge.chain == 1)
        }
      }
    } else {
      let count = read.reduce(0) { $0 + $1.count }
      context.counters.count(
        rows: count * batch, depth: hidden, columns: 2 * hidden, lanes: Int(context.kernels.lanes))
    }
    Array(read.joined()).withUnsafeBufferPointer { edges in
      var start = 0
      var kernelNodes: [ck_cell_node] = []
      for (node, edgesOfNode) in zip(level, read) {
        kernelNodes.append(
          ck_cell_node(
            edges: Int32(edgesOfNode.count), edge: edges.baseAddress.map { $0 + start },
            state: state(node, at: step), masked: masked(node, at: step),
            scale: scale(node, at: step)))
        start += edgesOfNode.count
      }
      context.kernels.cell_forward(
        context.pool, Int32(batch), Int32(hidden), Int32(level.count), kernelNodes, mask.floats)
    }
  }

  private func kernelEdges(of node: Int, at step: Int, _ packed: Storage?) -> [ck_cell_edge] {
    guard node > 0 else {
      return [
        ck_cell_edge(
          input: maskedHidden(at: step), source: previous(step), packed: packed?.floats,
          gates: initialGates(at: step), chain: 1, mixture: initial.alone)
      ]
    }
    return edges.filter { $0.node == node }.map { edge in
      ck_cell_edge(
        input: masked(edge.source, at: step), source: state(edge.source, at: step),
        packed: packed?.floats, gates: gates(edge, at: step), chain: 0, mixture: edge.mixture)
    }
  }
}
