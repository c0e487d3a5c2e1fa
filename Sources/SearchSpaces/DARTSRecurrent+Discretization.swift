import SearchCore
import TensorCore

extension DARTSRecurrent {
  /// What an edge of the relaxation mixes, in the order of α's columns.
  public static let candidates = ["none"] + RecurrentActivation.allCases.map { "\($0)" }
  /// Names of the relaxation's edges in the order of α's rows: `<state>-<node>`.
  public static let edgeNames = (1...choices.nodes).flatMap { node in
    (0..<node).map { "\($0)-\(node)" }
  }

  /// The architecture of the relaxation's strongest choices: of each node the state and the function
  /// with the largest weight, `none` left out; of equals the first.
  ///
  /// - Parameter rows: A row an edge, a column a candidate: softmax of α.
  ///
  /// Source: Liu et al., arXiv 1806.09055, section 3.1.2 (one predecessor a node), and `genotype()`
  /// of the released `rnn/model_search.py`.
  public static func discretized(_ rows: [[Double]]) -> Architecture {
    var rest = rows[...]
    let nodes = (1...choices.nodes).map { node in
      var best = (weight: -Double.infinity, node: RecurrentGenotype.Node(.tanh, 0))
      for (state, row) in rest.prefix(node).enumerated() {
        for (activation, weight) in zip(RecurrentActivation.allCases, row.dropFirst())
        where weight > best.weight {
          best = (weight, .init(activation, state))
        }
      }
      rest = rest.dropFirst(node)
      return best.node
    }
    return DARTSRecurrent().architecture(of: RecurrentGenotype(nodes))
  }
}
