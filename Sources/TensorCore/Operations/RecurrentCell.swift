import CKernels
import Checks
import OperationCosts

/// A function at the end of an edge of a recurrent cell; raw values are the kernels' order.
public enum RecurrentActivation: Int, CaseIterable, Sendable {
  case tanh, relu, sigmoid, identity
}

/// Which states the nodes of a recurrent cell read, and through which functions.
///
/// State 0 comes from the input and the hidden state, state `i` is node `i`.
public struct RecurrentWiring {
  /// What an edge computes of the state it reads.
  public enum Function {
    case one(RecurrentActivation)
    /// All functions, weighted by a matrix `[1, 5]` of weights of `none` and of
    /// `RecurrentActivation`'s cases in order; `none` costs nothing.
    case mixture(Tensor)
  }

  /// A state that a node reads.
  public struct Edge {
    public let source: Int
    public let function: Function

    public init(from source: Int, _ function: Function) {
      self.source = source
      self.function = function
    }
  }

  /// The function of state 0.
  public let initial: RecurrentActivation
  /// The edges of each node, from node 1 on.
  public let nodes: [[Edge]]
  /// The states whose mean is the hidden state, ascending.
  public let outputs: [Int]
  /// Whether states are normalised over the batch, as the search has it.
  public let isNormalized: Bool

  /// Wires a cell.
  ///
  /// - Parameter outputs: States whose mean is the hidden state; `nil` for all nodes.
  public init(
    initial: RecurrentActivation = .tanh, nodes: [[Edge]], outputs: [Int]? = nil,
    isNormalized: Bool
  ) {
    self.initial = initial
    self.nodes = nodes
    self.outputs = outputs ?? Array(1...max(1, nodes.count))
    self.isNormalized = isNormalized
    check(
      !self.outputs.isEmpty && self.outputs.allSatisfy { (0...nodes.count).contains($0) },
      "RecurrentWiring: outputs \(self.outputs) of \(nodes.count) nodes")
    for (index, edges) in nodes.enumerated() {
      check(
        !edges.isEmpty && edges.allSatisfy { (0...index).contains($0.source) },
        "RecurrentWiring: node \(index + 1) reads none or a later state")
    }
  }

  var mixtures: [Tensor] {
    nodes.joined().compactMap {
      if case .mixture(let weights) = $0.function { weights } else { nil }
    }
  }
}

/// The weights of a recurrent cell.
public struct RecurrentCellWeights {
  /// Of the input and the hidden state together: sizes `[inputs + hidden, 2 · hidden]`.
  public let initial: Parameter
  /// Of each node, for all states it reads: sizes `[hidden, 2 · hidden]`.
  public let nodes: [Parameter]

  public init(initial: Parameter, nodes: [Parameter]) {
    self.initial = initial
    self.nodes = nodes
  }
}

extension Tape {
  /// Runs a cell of highway edges over all time steps.
  ///
  ///     [c v] = [x, h m] W₀;            s₀ = h + σ(c) (f₀(v) - h)
  ///     [c v] = (s_j m) Wᵢ for each edge j to i
  ///     sᵢ = Σ_j Σ_f p_f (s_j + σ(c) (f(v) - s_j))
  ///     h = mean of the output states, by default s₁ … s_N
  ///
  /// with f₀ tanh by default, m the hidden state's dropout mask, the same at all time steps, and p one or a mixture;
  /// if the wiring says so, every state is normalised over the batch by its own mean and variance
  /// (ε = 10⁻⁵), always those of the batch at hand.
  ///
  /// Source: Liu et al., arXiv 1806.09055, section 3.2 and the released code; the highway form is
  /// that of Zilly et al., arXiv 1607.03474.
  ///
  /// - Parameters:
  ///   - input: Rows by time, then by sequence: `[steps · batch, inputs]`.
  ///   - state: h before the first step, a matrix `[batch, hidden]`; no gradient flows into it.
  ///   - mask: m, a matrix `[batch, hidden]`.
  /// - Returns: h of all steps, `[steps · batch, hidden]`, and a copy of the last.
  public func recurrentCell(
    _ input: Tensor, from state: Tensor, mask: Tensor, _ weights: RecurrentCellWeights,
    wiring: RecurrentWiring, of parameters: Parameters
  ) -> (output: Tensor, state: Tensor) {
    let pass = RecurrentCellPass(
      input, from: state, mask: mask, weights, wiring, of: parameters, on: self)
    pass.chargeOperations()
    compute { pass.forward($0) }
    record(pass.output) { gradient in pass.backward(gradient) }
    return (pass.output, pass.lastState)
  }

  /// Penalises large activations, and seeds the penalty's gradient: `weight` times the mean of their
  /// squares (Merity et al. 2017, arXiv 1708.01009, section 4.5).
  ///
  /// - Returns: The penalty.
  public func activationPenalty(_ states: Tensor, weight: Float) -> Double {
    check(states.isPacked, "activationPenalty: a slice of channels")
    let (rows, width, count) = (states.shape.batch, states.shape.channels, states.shape.count)
    let cost = LogicalOperation(.memoryBound, flops: 2 * count, bytes: 4 * count)
    charge(cost)
    if states.requiresGradient { chargeBackward(cost) }
    let sink = isTraining && states.requiresGradient ? states.gradientSink(self) : nil
    var penalty = 0.0
    compute { context in
      let sum = context.kernels.sum_of_squares(context.pool, count, states.floats)
      penalty = Double(weight) * sum / Double(count)
      guard let (tensor, accumulates) = sink else { return }
      context.kernels.axpby(
        context.pool, Int32(rows), Int32(width), 2 * weight / Float(count), states.floats,
        Int32(width), accumulates ? 1 : 0, tensor.floats, Int32(tensor.pixelStride))
    }
    return penalty
  }

  /// Penalises how far the states move from step to step, and seeds the penalty's gradient.
  ///
  /// Temporal activation regularisation: `weight` times the mean of (h_t - h_{t-1})² (Merity et al.
  /// 2017, arXiv 1708.01009, section 4.5, there a sum over units).
  ///
  /// - Parameters:
  ///   - states: Rows by time, then by sequence.
  ///   - batch: Sequences.
  /// - Returns: The penalty.
  public func slowness(_ states: Tensor, batch: Int, weight: Float) -> Double {
    let (rows, width) = (states.shape.batch, states.shape.channels)
    check(rows % batch == 0 && states.isPacked, "slowness: \(states.shape) in batches of \(batch)")
    let count = (rows - batch) * width
    guard count > 0 else { return 0 }
    let cost = LogicalOperation(.memoryBound, flops: 3 * count, bytes: 8 * rows * width)
    charge(cost)
    if states.requiresGradient { chargeBackward(cost) }
    var penalty = 0.0
    let sink = isTraining && states.requiresGradient ? states.gradientSink(self) : nil
    if let sink, !sink.accumulates { fill(sink.tensor, with: 0) }
    compute { context in
      var sums = [Float](repeating: 0, count: rows)
      context.kernels.slowness(
        context.pool, Int32(rows), Int32(width), Int32(batch), states.floats,
        2 * weight / Float(count), &sums, sink?.tensor.floats)
      penalty = Double(weight) * sums.reduce(0.0) { $0 + Double($1) } / Double(count)
    }
    return penalty
  }
}
