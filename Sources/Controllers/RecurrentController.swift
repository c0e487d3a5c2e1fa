import Checks
import OperationCosts
import Randomness
import SearchCore
import TensorCore

/// A recurrent network that makes one decision after another, each knowing those before it.
///
/// Layers of long short-term memory; the embedding of a decision's option is the next time step's
/// input. Every decision has a softmax of its own. Anchor points decide skip connections by
/// attention over the states at earlier anchors. All work runs on one thread with the native
/// kernels, so a trajectory has the same bits on every machine.
///
/// Source: Zoph & Le, arXiv 1611.01578, sections 3.1 and 3.3; Zoph et al., arXiv 1707.07012,
/// appendix A. What follows an anchor's decisions as input is not said there: here a learned
/// vector.
public final class RecurrentController: SequencePolicy {
  /// Size and first values of the network.
  public struct Shape: Hashable, Sendable {
    /// Layers of long short-term memory, and units of each.
    public var layers: Int
    public var hidden: Int
    /// All weights are first drawn uniformly between minus and plus this.
    public var initialRange: Float

    public init(layers: Int, hidden: Int, initialRange: Float) {
      self.layers = layers
      self.hidden = hidden
      self.initialRange = initialRange
    }
  }

  public let parameters = Parameters()
  public let context: ComputeContext
  public let layout: ControllerLayout
  private let hidden: Int
  private let temper: ChoiceTemper
  private let embedding: Parameter
  private let layers: [LSTMWeights]
  private let stages: [Stage]
  private let attention: (earlier: Parameter, current: Parameter, direction: Parameter)
  /// The first row of the embedding of each decision's options.
  private let firstRow: [Int32]

  /// A time step with its weights.
  private enum Stage {
    case choice(decision: Int, weights: Parameter, bias: Parameter)
    case anchor(decisions: Range<Int>)
  }

  // The first rows of the embedding: what comes before the first decision, and after an anchor.
  private static let startRow: Int32 = 0
  private static let anchorRow: Int32 = 1

  /// Makes a controller with random weights.
  public init(
    _ layout: ControllerLayout, shape: Shape, temper: ChoiceTemper = ChoiceTemper(),
    key: RandomKey
  ) {
    self.layout = layout
    self.temper = temper
    hidden = shape.hidden
    context = .forPolicies()
    let parameters = parameters
    let (hidden, draw) = (shape.hidden, Initializer.uniform(bound: shape.initialRange))
    var rows: Int32 = 2
    firstRow = layout.options.map { count in
      defer { rows += Int32(count) }
      return rows
    }
    embedding = parameters.declare("embedding", [Int(rows), hidden], draw)
    layers = (0..<shape.layers).map { layer in
      func declare(_ name: String, _ sizes: [Int]) -> Parameter {
        parameters.declare("lstm.\(layer).\(name)", sizes, draw)
      }
      return LSTMWeights(
        input: declare("input", [hidden, 4 * hidden]),
        hidden: declare("hidden", [hidden, 4 * hidden]),
        inputBias: declare("inputBias", [4 * hidden]),
        hiddenBias: declare("hiddenBias", [4 * hidden]))
    }
    stages = layout.steps.map { step in
      switch step {
      case .choice(let decision):
        let count = layout.options[decision]
        return .choice(
          decision: decision,
          weights: parameters.declare("head.\(decision).weights", [hidden, count], draw),
          bias: parameters.declare("head.\(decision).bias", [count], draw))
      case .anchor(let decisions): return .anchor(decisions: decisions)
      }
    }
    attention = (
      parameters.declare("anchor.earlier", [hidden, hidden], draw),
      parameters.declare("anchor.current", [hidden, hidden], draw),
      parameters.declare("anchor.direction", [hidden], draw)
    )
    parameters.allocate(in: context, key: key)
  }

  /// All weights, in the order of declaration.
  public var weights: [Float] {
    get { parameters.flatValues.map(Array.init) ?? [] }
    set {
      check(newValue.count == parameters.count, "found weights of another controller")
      _ = parameters.flatValues?.update(fromContentsOf: newValue)
    }
  }

  // MARK: Sampling

  public func sample(using generators: inout [KeyedGenerator]) -> [[Int]] {
    sample(using: &generators, decisions: layout.options.count)
  }

  /// Draws the beginnings of sequences, one for each generator.
  ///
  /// - Parameter length: How many of the space's decisions to make.
  /// - Returns: For each sequence one choice a decision.
  public func sample(using generators: inout [KeyedGenerator], decisions length: Int) -> [[Int]] {
    let count = generators.count
    let tape = Tape(context, isTraining: false)
    var sequences = [[Int]](
      repeating: [Int](repeating: 0, count: length), count: count)
    var states = layers.map { _ in tape.zeroLSTMState(batch: count, hidden: hidden) }
    var rows = [Int32](repeating: Self.startRow, count: count)
    var anchors: [Tensor] = []
    for stage in stages.prefix(layout.stepCount(decisions: length)) {
      var features = tape.embedding(rows, count: count, table: embedding, of: parameters)
      for (layer, weights) in layers.enumerated() {
        (features, states[layer]) = tape.lstm(
          features, from: states[layer], weights, of: parameters)
      }
      switch stage {
      case .choice(let decision, let weights, let bias):
        let table = tape.choiceProbabilities(
          tape.linear(features, weights: weights, bias: bias, of: parameters), temper: temper)
        for sequence in 0..<count {
          let choice = generators[sequence].categorical(weights: table[sequence])
          sequences[sequence][decision] = choice
          rows[sequence] = firstRow[decision] + Int32(choice)
        }
      case .anchor(let decisions):
        if !decisions.isEmpty {
          let scores = skipScores(features, anchors, on: tape)
          for (column, decision) in decisions.enumerated() {
            let table = tape.choiceProbabilities(yesOrNo(scores, column, on: tape))
            for sequence in 0..<count {
              sequences[sequence][decision] = generators[sequence].categorical(
                weights: table[sequence])
            }
          }
        }
        anchors.append(earlierAnchor(features, on: tape))
        rows = [Int32](repeating: Self.anchorRow, count: count)
      }
    }
    return sequences
  }

  // MARK: Scoring

  /// Scores given sequences, all of one length, under the policy as it is now.
  public func score(_ sequences: [[Int]]) -> PolicyScores {
    score(sequences, count: sequences.count, on: Tape(context, isTraining: true))
  }

  /// What drawing sequences costs, or scoring them with the gradient; all time steps are scored in
  /// one go.
  public func operations(sequences: Int, isTraining: Bool) -> [LogicalOperation] {
    let tape = Tape.dry(isTraining: isTraining)
    _ = score([], count: sequences, on: tape)
    return tape.operations
  }

  private func score(_ sequences: [[Int]], count: Int, on tape: Tape) -> PolicyScores {
    // Without sequences a pass is only priced: that of all decisions.
    let steps =
      sequences.first.map { layout.stepCount(decisions: $0.count) } ?? layout.steps.count
    var features = tape.embedding(
      inputRows(of: sequences, steps: steps), count: steps * count, table: embedding,
      of: parameters)
    for weights in layers {
      let start = tape.zeroLSTMState(batch: count, hidden: hidden)
      (features, _) = tape.lstm(features, from: start, weights, of: parameters)
    }
    var scores: [ChoiceScores] = []
    var anchors: [Tensor] = []
    for (time, stage) in stages.prefix(steps).enumerated() {
      let state = tape.rows(time * count..<(time + 1) * count, of: features)
      switch stage {
      case .choice(let decision, let weights, let bias):
        scores.append(
          tape.scoreChoices(
            tape.linear(state, weights: weights, bias: bias, of: parameters),
            choices: sequences.map { $0[decision] }, temper: temper))
      case .anchor(let decisions):
        if !decisions.isEmpty {
          let attended = skipScores(state, anchors, on: tape)
          for (column, decision) in decisions.enumerated() {
            scores.append(
              tape.scoreChoices(
                yesOrNo(attended, column, on: tape), choices: sequences.map { $0[decision] }))
          }
        }
        anchors.append(earlierAnchor(state, on: tape))
      }
    }
    return PolicyScores(scores, sequences: tape.isDry ? 0 : count, on: tape)
  }

  /// Rows of the embedding that are the inputs of all time steps, by time, then by sequence.
  private func inputRows(of sequences: [[Int]], steps: Int) -> [Int32] {
    var rows = sequences.map { _ in Self.startRow }
    return layout.steps.prefix(steps).flatMap { step in
      let inputs = rows
      switch step {
      case .choice(let decision):
        rows = sequences.map { firstRow[decision] + Int32($0[decision]) }
      case .anchor: rows = sequences.map { _ in Self.anchorRow }
      }
      return inputs
    }
  }

  // MARK: Heads

  private func earlierAnchor(_ state: Tensor, on tape: Tape) -> Tensor {
    tape.linear(state, weights: attention.earlier, bias: nil, of: parameters)
  }

  private func skipScores(_ state: Tensor, _ anchors: [Tensor], on tape: Tape) -> Tensor {
    tape.attentionScores(
      earlier: anchors,
      current: tape.linear(state, weights: attention.current, bias: nil, of: parameters),
      direction: attention.direction, of: parameters)
  }

  /// Logits 0 and s, whose softmax is 1 - sigmoid(s) and sigmoid(s).
  private func yesOrNo(_ scores: Tensor, _ column: Int, on tape: Tape) -> Tensor {
    let no = tape.zeros(.init(rows: scores.shape.batch, columns: 1))
    return tape.concatenate([no, scores.slice(channels: column..<column + 1)])
  }
}
