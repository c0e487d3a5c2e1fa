import Randomness
import SearchSpaces
import TestSupport
import Testing

/// What is kept of α, against `Network.genotype()` of the authors' program (quark0/darts,
/// cnn/model_search.py), run by `python3 Tests/Reference/darts-values.py`.
@Suite struct DARTSDiscretizationTests {
  /// Of six tables of α each cell's operations and inputs, node by node. In the last three `none` is
  /// the largest of nearly every edge, and in the last many weights are equal.
  private static let genotypes: [[[(String, Int)]]] = [
    [
      [
        ("avg_pool_3x3", 1), ("avg_pool_3x3", 0), ("max_pool_3x3", 0), ("sep_conv_5x5", 2),
        ("max_pool_3x3", 2), ("avg_pool_3x3", 0), ("sep_conv_3x3", 4), ("dil_conv_5x5", 3),
      ],
      [
        ("avg_pool_3x3", 1), ("sep_conv_3x3", 0), ("skip_connect", 2), ("sep_conv_5x5", 1),
        ("dil_conv_5x5", 2), ("sep_conv_5x5", 0), ("avg_pool_3x3", 1), ("dil_conv_5x5", 2),
      ],
    ],
    [
      [
        ("sep_conv_5x5", 0), ("dil_conv_5x5", 1), ("max_pool_3x3", 1), ("skip_connect", 2),
        ("dil_conv_3x3", 0), ("skip_connect", 1), ("skip_connect", 1), ("sep_conv_3x3", 0),
      ],
      [
        ("max_pool_3x3", 0), ("dil_conv_3x3", 1), ("avg_pool_3x3", 1), ("dil_conv_5x5", 0),
        ("skip_connect", 1), ("avg_pool_3x3", 2), ("avg_pool_3x3", 0), ("avg_pool_3x3", 2),
      ],
    ],
    [
      [
        ("dil_conv_5x5", 1), ("max_pool_3x3", 0), ("skip_connect", 2), ("max_pool_3x3", 0),
        ("max_pool_3x3", 2), ("sep_conv_5x5", 1), ("sep_conv_5x5", 4), ("dil_conv_3x3", 3),
      ],
      [
        ("avg_pool_3x3", 0), ("max_pool_3x3", 1), ("dil_conv_3x3", 0), ("max_pool_3x3", 2),
        ("max_pool_3x3", 1), ("max_pool_3x3", 0), ("dil_conv_5x5", 3), ("skip_connect", 4),
      ],
    ],
    [
      [
        ("dil_conv_3x3", 1), ("skip_connect", 0), ("sep_conv_3x3", 2), ("avg_pool_3x3", 1),
        ("skip_connect", 0), ("avg_pool_3x3", 3), ("sep_conv_3x3", 4), ("max_pool_3x3", 2),
      ],
      [
        ("skip_connect", 1), ("avg_pool_3x3", 0), ("dil_conv_5x5", 1), ("max_pool_3x3", 2),
        ("sep_conv_3x3", 0), ("avg_pool_3x3", 2), ("sep_conv_3x3", 4), ("max_pool_3x3", 1),
      ],
    ],
    [
      [
        ("dil_conv_5x5", 0), ("sep_conv_3x3", 1), ("skip_connect", 2), ("dil_conv_3x3", 1),
        ("dil_conv_3x3", 3), ("skip_connect", 1), ("skip_connect", 0), ("skip_connect", 4),
      ],
      [
        ("max_pool_3x3", 1), ("avg_pool_3x3", 0), ("dil_conv_5x5", 2), ("max_pool_3x3", 1),
        ("dil_conv_3x3", 3), ("max_pool_3x3", 1), ("skip_connect", 3), ("dil_conv_5x5", 1),
      ],
    ],
    [
      [
        ("skip_connect", 0), ("max_pool_3x3", 1), ("dil_conv_5x5", 1), ("dil_conv_3x3", 2),
        ("avg_pool_3x3", 2), ("sep_conv_3x3", 0), ("avg_pool_3x3", 3), ("max_pool_3x3", 1),
      ],
      [
        ("sep_conv_3x3", 1), ("skip_connect", 0), ("skip_connect", 2), ("sep_conv_3x3", 0),
        ("max_pool_3x3", 1), ("skip_connect", 3), ("sep_conv_3x3", 4), ("sep_conv_3x3", 1),
      ],
    ],
  ]

  private func weights(_ name: String, example: Int) -> [[Double]] {
    let values = ReferenceNumbers.hashed("\(name) \(example)", 14 * 8).map { 4 * Double($0) }
    return (0..<14).map { edge in
      (0..<8).map { operation in
        let value = values[8 * edge + operation]
        return (example == 5 ? value.rounded(.toNearestOrEven) : value)
          + (example > 2 && operation == 0 ? 2 : 0)
      }
    }
  }

  /// α itself: its softmax is in the same order within an edge, but not between edges.
  private func softmax(_ rows: [[Double]]) -> [[Double]] {
    rows.map { row in
      let powers = row.map { PortableMath.exp($0) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }

  @Test(arguments: genotypes.indices)
  func keepsWhatTheAuthorsProgramKeeps(example: Int) {
    let found = DARTSCells.discretized(
      normal: softmax(weights("normal", example: example)),
      reduction: softmax(weights("reduce", example: example)))
    let cells = DARTSCells().cells(of: found)
    for (cell, expected) in zip([cells.normal, cells.reduction], Self.genotypes[example]) {
      for (node, found) in cell.nodes.enumerated() {
        // The two of a node are added: their order is nothing of the cell's.
        #expect(
          Set(found.inputs.map { "\($0.operation.rawValue) \($0.state)" })
            == Set(expected[2 * node..<2 * node + 2].map { "\($0.0) \($0.1)" }), "node \(node)")
      }
    }
  }
}
