import NeuralNetworks
import TensorCore

/// The nodes of a cell with their weights: each combines operations on earlier states.
///
/// All operations that read a state run together as soon as it is known, and a node is one sum:
/// what the tape does in few passes.
struct CellBody {
  /// An operation and the state it reads.
  struct Edge {
    let state: Int
    let layer: CellOperationLayer
    /// What its drop-path is drawn by.
    let name: String
    /// Whether drop-path leaves it out at times.
    let isDropped: Bool
  }

  struct Node {
    let edges: [Edge]
    /// Whether the edges are joined along the channels; else they are added.
    var isJoined = false

    /// Channels, in those of an edge.
    var width: Int { isJoined ? edges.count : 1 }
  }

  let nodes: [Node]
  /// States that are joined to be the cell's output, ascending.
  let output: [Int]
  /// What brings an input among them to the output's size, by state; `nil` where it has it.
  var reductions: [Int: ConvolutionChain] = [:]

  /// What is done to the terms of the sums.
  struct Adjustments {
    /// For each node, the weights of its edges; `nil` for plain sums.
    var weights: [Tensor]?
    /// Drop-path of the edges that have it; `nil` for none.
    var dropPath: (pass: TrainingPass, probability: Float)?
  }

  private func width(of state: Int, inputs: Int) -> Int {
    state < inputs ? 1 : nodes[state - inputs].width
  }

  /// Runs the nodes.
  ///
  /// - Parameter inputs: States 0 and 1.
  /// - Returns: The output states joined along the channels.
  func joined(
    _ inputs: [Tensor], _ adjustments: Adjustments, of parameters: Parameters, on tape: Tape
  ) -> Tensor {
    var joint: Tensor?
    // The part of the output that a state fills; its shape has the cell's channels.
    func place(_ state: Int, _ shape: Shape) -> Tensor? {
      guard let position = output.firstIndex(of: state) else { return nil }
      let widths = output.map { width(of: $0, inputs: inputs.count) }
      let first = widths.prefix(position).reduce(0, +)
      var wide = shape
      wide.channels *= widths.reduce(0, +)
      let whole = joint ?? tape.joint(wide)
      joint = whole
      return whole.slice(
        channels: first * shape.channels..<(first + widths[position]) * shape.channels)
    }
    run(inputs, adjustments, of: parameters, on: tape) { node, terms in
      let target = place(inputs.count + node, terms[0].shape)
      return nodes[node].isJoined
        ? tape.joining(terms, into: target)
        : tape.sum(terms, weights: adjustments.weights?[node], into: target)
    }
    for state in output where state < inputs.count {
      let term =
        reductions[state].map { StageInput.normalized($0(inputs[state], on: tape)) }
        ?? .maps(inputs[state])
      _ = tape.sum([self.term(term)], into: place(state, term.shape))
    }
    return joint ?? inputs[0]
  }

  /// Runs the nodes, whose edges are added.
  ///
  /// - Parameter inputs: States 0 and 1.
  /// - Returns: For each output state, none of which a node reads, the terms of its sum.
  func looseEnds(
    _ inputs: [Tensor], _ adjustments: Adjustments, of parameters: Parameters, on tape: Tape
  ) -> [[SumTerm]] {
    var ends = output.filter { $0 < inputs.count }.map { [SumTerm.maps(inputs[$0])] }
    run(inputs, adjustments, of: parameters, on: tape) { node, terms in
      guard output.contains(inputs.count + node) else { return tape.sum(terms) }
      ends.append(terms)
      return nil
    }
    return ends
  }

  /// Runs the nodes.
  ///
  /// - Parameter combine: Makes a node of the terms of its edges; `nil` where nothing reads it.
  private func run(
    _ inputs: [Tensor], _ adjustments: Adjustments, of parameters: Parameters, on tape: Tape,
    combine: (_ node: Int, _ terms: [SumTerm]) -> Tensor?
  ) {
    var terms: [[StageInput?]] = nodes.map { $0.edges.map { _ in nil } }
    for state in 0..<inputs.count + nodes.count {
      let node = state - inputs.count
      let maps =
        node < 0
        ? inputs[state]
        : combine(
          node,
          zip(nodes[node].edges, terms[node]).compactMap { edge, term in
            term.map { self.term(edge, $0, adjustments) }
          })
      guard let maps else { continue }
      let readers = nodes.indices.flatMap { node in
        nodes[node].edges.indices.filter { nodes[node].edges[$0].state == state }
          .map { (node, $0) }
      }
      let outputs = tape.apply(
        readers.map { nodes[$0.0].edges[$0.1].layer }, to: maps, of: parameters)
      for ((node, index), output) in zip(readers, outputs) { terms[node][index] = output }
    }
  }

  private func term(_ edge: Edge, _ input: StageInput, _ adjustments: Adjustments) -> SumTerm {
    guard edge.isDropped, let (pass, probability) = adjustments.dropPath else { return term(input) }
    return term(
      input,
      factors: pass.dropPathFactors(
        edge.name, images: input.shape.batch, probability: probability))
  }

  private func term(_ input: StageInput, factors: [Float]? = nil) -> SumTerm {
    switch input {
    case .maps(let tensor): .maps(tensor, factors: factors)
    case .normalized(let maps): .normalized(maps, factors: factors)
    }
  }

  /// Layers with weights from the stem on to the output.
  ///
  /// - Parameter inputs: The same of states 0 and 1.
  func depth(_ inputs: [Int]) -> Int {
    var states = inputs
    for node in nodes {
      states.append(node.edges.map { states[$0.state] + $0.layer.depth }.max() ?? 0)
    }
    return output.map { states[$0] + (reductions[$0]?.depth ?? 0) }.max() ?? 0
  }
}

extension Tape {
  /// Joins terms along the channels.
  fileprivate func joining(_ terms: [SumTerm], into output: Tensor?) -> Tensor {
    let parts = terms.map { sum([$0]) }
    let joined = concatenate(parts)
    return output.map { sum([.maps(joined)], into: $0) } ?? joined
  }

  /// Runs operations that read the same state; those that are convolutions run together.
  fileprivate func apply(
    _ layers: [CellOperationLayer], to state: Tensor, of parameters: Parameters
  ) -> [StageInput] {
    let chains = layers.compactMap { layer in
      if case .stages(let stages) = layer { stages } else { nil }
    }
    let first =
      chains.isEmpty
      ? [] : separableStages(.maps(state), chains.map { $0[0] }, of: parameters)
    var convolved = zip(chains, first).map { stages, output in
      stages.dropFirst().reduce(output) { input, stage in
        separableStages(.normalized(input), [stage], of: parameters)[0]
      }
    }[...]
    let pooled = pool(layers, state)
    return layers.map { layer in
      switch layer {
      case .identity: return .maps(state)
      case .stages: return .normalized(convolved.removeFirst())
      case .convolutions(let chain): return .normalized(chain(state, on: self))
      case .pooling(let pooling):
        let maps = pooled.first { $0.pooling.isSame(as: pooling) }?.maps ?? state
        if let projection = pooling.projection { return .normalized(projection(maps, on: self)) }
        return pooling.normalization.map {
          .normalized(normalizing(maps, $0, of: pooling.parameters))
        } ?? .maps(maps)
      }
    }
  }

  /// Pools a state once for all layers that do it alike: maxima first, then means.
  private func pool(
    _ layers: [CellOperationLayer], _ state: Tensor
  ) -> [(pooling: CellOperationLayer.Pooling, maps: Tensor)] {
    let poolings = layers.compactMap { layer in
      if case .pooling(let pooling) = layer { pooling } else { nil }
    }
    var kinds: [CellOperationLayer.Pooling] = []
    for pooling in poolings.filter({ $0.isMaximum }) + poolings.filter({ !$0.isMaximum })
    where !kinds.contains(where: { $0.isSame(as: pooling) }) {
      kinds.append(pooling)
    }
    return kinds.map { kind in
      let readers = poolings.count { $0.isSame(as: kind) }
      return (
        kind,
        kind.isMaximum
          ? maxPool(state, window: kind.window, readers: readers)
          : averagePool(state, window: kind.window, readers: readers)
      )
    }
  }

  /// Runs chains of stages that read the same input, and applies each stage's normalisation.
  ///
  /// - Returns: What each chain ends with; the input itself where it is empty.
  func units(
    _ chains: [[SeparableStage]], _ input: Tensor, of parameters: Parameters
  ) -> [Tensor] {
    var outputs = chains.map { _ in input }
    var waiting = chains.indices.filter { !chains[$0].isEmpty }
    while let first = waiting.first {
      let together = waiting.filter { chains[$0][0].sharesStrips(with: chains[first][0]) }
      waiting.removeAll(where: together.contains)
      let stages = separableStages(
        .maps(input), together.map { chains[$0][0] }, of: parameters)
      for (index, stage) in zip(together, stages) {
        outputs[index] = chains[index].dropFirst().reduce(sum([.normalized(stage)])) {
          unit($1, $0, of: parameters)
        }
      }
    }
    return outputs
  }

  /// Runs one stage and applies its normalisation.
  func unit(_ stage: SeparableStage, _ input: Tensor, of parameters: Parameters) -> Tensor {
    sum(
      separableStages(.maps(input), [stage], of: parameters).map { .normalized($0) })
  }
}

extension SeparableStage {
  /// Whether strips of rows, whose size goes by the windows and the channels, suit both.
  fileprivate func sharesStrips(with other: Self) -> Bool {
    branches.map(\.window) == other.branches.map(\.window)
      && branches.map(\.pointwise.sizes) == other.branches.map(\.pointwise.sizes)
  }
}

extension CellOperationLayer.Pooling {
  /// Whether the pooled values are the same, of the same state.
  fileprivate func isSame(as other: Self) -> Bool {
    isMaximum == other.isMaximum && window == other.window
  }
}
