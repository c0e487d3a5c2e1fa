import NeuralNetworks
import TensorCore

/// The nodes of a cell with their weights: each adds operations on earlier states.
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
  }

  /// The edges that each node adds.
  let nodes: [[Edge]]

  /// What is done to the terms of the sums.
  struct Adjustments {
    /// For each node, the weights of its edges; `nil` for plain sums.
    var weights: [Tensor]?
    /// Drop-path of every operation but identities; `nil` for none.
    var dropPath: (pass: TrainingPass, probability: Float)?
  }

  /// Runs the nodes.
  ///
  /// - Parameter inputs: States 0 and 1.
  /// - Returns: All states, and the nodes' states joined along the channels.
  func joined(
    _ inputs: [Tensor], _ adjustments: Adjustments, of parameters: Parameters, on tape: Tape
  ) -> Tensor {
    var joint: Tensor?
    _ = run(inputs, adjustments, of: parameters, on: tape) { node, shape in
      var wide = shape
      wide.channels *= nodes.count
      let whole = joint ?? tape.joint(wide)
      joint = whole
      return whole.slice(channels: node * shape.channels..<(node + 1) * shape.channels)
    }
    return joint ?? inputs[0]
  }

  /// Runs the nodes.
  ///
  /// - Parameter place: Where a node's sum goes, of a shape; `nil` for a tensor of its own.
  /// - Returns: All states.
  func run(
    _ inputs: [Tensor], _ adjustments: Adjustments, of parameters: Parameters, on tape: Tape,
    place: (_ node: Int, _ shape: Shape) -> Tensor? = { _, _ in nil }
  ) -> [Tensor] {
    var states = inputs
    var terms: [[StageInput?]] = nodes.map { $0.map { _ in nil } }
    for state in 0..<inputs.count + nodes.count {
      if state >= inputs.count {
        let node = state - inputs.count
        let sum = zip(nodes[node], terms[node]).compactMap { edge, term in
          term.map { self.term(edge, $0, adjustments) }
        }
        states.append(
          tape.sum(
            sum, weights: adjustments.weights?[node],
            into: terms[node].first.flatMap { $0.flatMap { place(node, $0.shape) } }))
      }
      let readers = nodes.indices.flatMap { node in
        nodes[node].indices.filter { nodes[node][$0].state == state }.map { (node, $0) }
      }
      let outputs = tape.apply(
        readers.map { nodes[$0.0][$0.1].layer }, to: states[state], of: parameters)
      for ((node, index), output) in zip(readers, outputs) { terms[node][index] = output }
    }
    return states
  }

  private func term(_ edge: Edge, _ input: StageInput, _ adjustments: Adjustments) -> SumTerm {
    let factors =
      edge.layer.isIdentity
      ? nil
      : adjustments.dropPath.flatMap {
        $0.pass.dropPathFactors(
          edge.name, images: input.shape.batch, probability: $0.probability)
      }
    return switch input {
    case .maps(let tensor): .maps(tensor, factors: factors)
    case .normalized(let maps): .normalized(maps, factors: factors)
    }
  }
}

extension Tape {
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
    let maxima = pool(layers, isMaximum: true, state)
    let averages = pool(layers, isMaximum: false, state)
    return layers.map { layer in
      switch layer {
      case .identity: return .maps(state)
      case .stages: return .normalized(convolved.removeFirst())
      case .pooling(let isMaximum, _, let normalization, let parameters):
        let pooled = (isMaximum ? maxima : averages) ?? state
        return normalization.map { .normalized(normalizing(pooled, $0, of: parameters)) }
          ?? .maps(pooled)
      }
    }
  }

  /// Pools a state once for all layers that do.
  private func pool(_ layers: [CellOperationLayer], isMaximum: Bool, _ state: Tensor) -> Tensor? {
    let windows = layers.compactMap { layer in
      if case .pooling(isMaximum, let window, _, _) = layer { window } else { nil }
    }
    return windows.first.map {
      isMaximum
        ? maxPool(state, window: $0, readers: windows.count)
        : averagePool(state, window: $0, readers: windows.count)
    }
  }

  /// Runs one stage and applies its normalisation.
  func unit(_ stage: SeparableStage, _ input: Tensor, of parameters: Parameters) -> Tensor {
    sum(
      separableStages(.maps(input), [stage], of: parameters).map { .normalized($0) })
  }
}
