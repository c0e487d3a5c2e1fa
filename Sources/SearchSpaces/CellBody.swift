import NeuralNetworks
import TensorCore

/// What cells read.
enum CellOutput {
  case maps(Tensor)
  /// Sums, to be made and joined along the channels.
  case sums([[SumTerm]])
}

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

  /// Runs the nodes.
  ///
  /// - Parameter inputs: States 0 and 1.
  /// - Returns: For each output state the terms of its sum; a sum that others read as well is one
  ///   term, already made. Joined along the channels, the sums are the cell's output.
  func callAsFunction(
    _ inputs: [StageInput], _ adjustments: Adjustments, of parameters: Parameters, on tape: Tape
  ) -> [[SumTerm]] {
    var results: [[StageInput?]] = nodes.map { $0.edges.map { _ in nil } }
    var ends: [[SumTerm]] = []
    for state in 0..<inputs.count + nodes.count {
      let readers = nodes.indices.flatMap { node in
        nodes[node].edges.indices.filter { nodes[node].edges[$0].state == state }
          .map { (node, $0) }
      }
      let layers = readers.map { nodes[$0.0].edges[$0.1].layer }
      let (node, isOutput) = (state - inputs.count, output.contains(state))
      let (value, end) =
        node < 0
        ? input(state, inputs[state], readers: layers, on: tape)
        : sum(node, results[node], adjustments, isLoose: isOutput && readers.isEmpty, on: tape)
      if isOutput { ends.append(end) }
      guard let value else { continue }
      let outputs = tape.apply(layers, to: value, of: parameters)
      for ((node, index), output) in zip(readers, outputs) { results[node][index] = output }
    }
    return ends
  }

  /// An input as its readers take it, and as a part of the cell's output.
  private func input(
    _ state: Int, _ input: StageInput, readers: [CellOperationLayer], on tape: Tape
  ) -> (value: StageInput?, end: [SumTerm]) {
    let reduction = output.contains(state) ? reductions[state] : nil
    guard reduction != nil || !readers.allSatisfy(\.readsNormalized) else {
      return (input, [SumTerm(input)])
    }
    let maps = tape.maps(input)
    return (.maps(maps), [reduction.map { .normalized($0(maps, on: tape)) } ?? .maps(maps)])
  }

  /// A node as its readers take it, and as a part of the cell's output.
  ///
  /// - Parameter isLoose: Whether nobody reads it but who reads the output, to whom a plain sum is
  ///   left.
  private func sum(
    _ node: Int, _ results: [StageInput?], _ adjustments: Adjustments, isLoose: Bool, on tape: Tape
  ) -> (value: StageInput?, end: [SumTerm]) {
    let isJoined = nodes[node].isJoined
    let weights = adjustments.weights?[node]
    let terms = zip(nodes[node].edges, results).compactMap { edge, result in
      result.map { term(edge, $0, adjustments) }
    }
    if isLoose && !isJoined && weights == nil { return (nil, terms) }
    let maps = isJoined ? tape.joined(terms.map { [$0] }) : tape.sum(terms, weights: weights)
    return (.maps(maps), [.maps(maps)])
  }

  private func term(_ edge: Edge, _ input: StageInput, _ adjustments: Adjustments) -> SumTerm {
    guard edge.isDropped, let (pass, probability) = adjustments.dropPath else {
      return SumTerm(input)
    }
    return SumTerm(
      input,
      factors: pass.dropPathFactors(
        edge.name, images: input.shape.batch, probability: probability))
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
  /// The maps, normalised if they are not yet.
  func maps(_ input: StageInput) -> Tensor {
    switch input {
    case .maps(let tensor): tensor
    case .normalized: sum([SumTerm(input)])
    }
  }

  /// Makes sums and joins them along the channels.
  func joined(_ sums: [[SumTerm]]) -> Tensor {
    let widths = sums.map { $0[0].shape.channels }
    var shape = sums[0][0].shape
    shape.channels = widths.reduce(0, +)
    let output = joint(shape)
    var first = 0
    for (terms, width) in zip(sums, widths) {
      _ = sum(terms, into: output.slice(channels: first..<first + width))
      first += width
    }
    return output
  }

  /// Runs operations that read the same state; those that are convolutions run together.
  fileprivate func apply(
    _ layers: [CellOperationLayer], to state: StageInput, of parameters: Parameters
  ) -> [StageInput] {
    let chains = layers.compactMap { layer in
      if case .stages(let stages) = layer { stages } else { nil }
    }
    let first =
      chains.isEmpty
      ? [] : separableStages(state, chains.map { $0[0] }, of: parameters)
    var convolved = zip(chains, first).map { stages, output in
      stages.dropFirst().reduce(output) { input, stage in
        separableStages(.normalized(input), [stage], of: parameters)[0]
      }
    }[...]
    let pooled = pool(layers, state)
    return layers.map { layer in
      switch layer {
      case .identity: return state
      case .stages: return .normalized(convolved.removeFirst())
      case .convolutions(let chain): return .normalized(chain(maps(state), on: self))
      case .pooling(let pooling):
        let maps = pooled.first { $0.pooling.isSame(as: pooling) }?.maps ?? maps(state)
        if let projection = pooling.projection { return .normalized(projection(maps, on: self)) }
        return pooling.normalization.map {
          .normalized(normalizing(maps, $0, of: pooling.parameters))
        } ?? .maps(maps)
      }
    }
  }

  /// Pools a state once for all layers that do it alike: maxima first, then means.
  private func pool(
    _ layers: [CellOperationLayer], _ state: StageInput
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
          ? maxPool(maps(state), window: kind.window, readers: readers)
          : averagePool(maps(state), window: kind.window, readers: readers)
      )
    }
  }

  /// Runs chains of stages that read the same input.
  ///
  /// - Returns: What each chain ends with; the input itself where it is empty.
  func units(
    _ chains: [[SeparableStage]], _ input: CellOutput, of parameters: Parameters
  ) -> [StageInput] {
    func end(_ chain: [SeparableStage], from first: Normalized) -> StageInput {
      chain.dropFirst().reduce(.normalized(first)) {
        .normalized(separableStages($0, [$1], of: parameters)[0])
      }
    }
    let heads = chains.compactMap(\.first)
    let maps: Tensor
    switch input {
    case .maps(let tensor): maps = tensor
    case .sums(let sums):
      if heads.count == chains.count,
        heads.allSatisfy({ $0.readsEveryPixel && $0.sharesStrips(with: heads[0]) })
      {
        return zip(chains, separableStages(joining: sums, heads, of: parameters)).map(end)
      }
      maps = joined(sums)
    }
    var outputs = chains.map { _ in StageInput.maps(maps) }
    var waiting = chains.indices.filter { !chains[$0].isEmpty }
    while let first = waiting.first {
      let together = waiting.filter { chains[$0][0].sharesStrips(with: chains[first][0]) }
      waiting.removeAll(where: together.contains)
      let stages = separableStages(.maps(maps), together.map { chains[$0][0] }, of: parameters)
      for (index, stage) in zip(together, stages) {
        outputs[index] = end(chains[index], from: stage)
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
