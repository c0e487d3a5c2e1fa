import OperationCosts
import Randomness
import TensorCore
import Testing

/// The tree cell against plain loops, and its bits on all instruction sets and thread counts.
@Suite struct TreeCellTests {
  /// Sizes, and a tree drawn by a seed.
  struct Example: CustomTestStringConvertible, Sendable {
    let leaves: Int
    let batch: Int
    let hidden: Int
    let seed: UInt64
    var steps = 3
    var inputs: Int { hidden + 2 }

    var testDescription: String { "\(leaves) leaves, \(batch)x\(hidden), tree \(seed)" }

    var wiring: TreeWiring {
      var generator = RandomKey(seed: seed).generator()
      func node() -> TreeWiring.Node {
        .init(
          generator.bernoulli(0.5) ? .add : .multiply,
          RecurrentActivation.allCases[generator.integer(below: 4)])
      }
      let nodes = (0..<2 * leaves - 1).map { _ in node() }
      return TreeWiring(
        nodes: nodes, injected: generator.integer(below: nodes.count), injection: node(),
        cell: generator.integer(below: nodes.count))
    }

    static let all = [1, 2, 4, 8].flatMap { leaves in
      [(1, 5), (3, 16), (40, 37)].flatMap { batch, hidden in
        (1...4).map { Example(leaves: leaves, batch: batch, hidden: hidden, seed: $0) }
      }
    }
  }

  private struct Outcome: Equatable {
    var output: [Float]
    var state: [[Float]]
    var gradients: [[Float]]
  }

  private func outcome(_ example: Example, _ context: ComputeContext) throws -> Outcome {
    let parameters = Parameters()
    let width = example.leaves * example.hidden
    let weights = TreeCellWeights(
      input: parameters.declare("w", [example.inputs, width], .uniformFanIn(2)),
      hidden: parameters.declare("u", [example.hidden, width], .uniformFanIn(2)))
    let decoder = parameters.declare("d", [example.hidden, 5], .uniformFanIn(1))
    parameters.allocate(in: context, key: RandomKey(seed: 5))
    let tape = Tape(context, isTraining: true)
    let (rows, shape) = (
      example.steps * example.batch, Shape(rows: example.batch, columns: example.hidden)
    )
    let input = tape.constant(
      ramp(rows * example.inputs, 7, 101, scale: 2), Shape(rows: rows, columns: example.inputs),
      requiresGradient: true)
    let state = LSTMState(
      output: tape.constant(ramp(shape.count, 5, 11), shape),
      cell: tape.constant(ramp(shape.count, 4, 13), shape))
    let mask = tape.constant(ramp(shape.count, 3, 7).map { $0 + 1 }, shape)
    parameters.clearGradients()
    let (output, last) = tape.treeCell(
      input, from: state, mask: mask, weights, wiring: example.wiring, of: parameters)
    let outputs = output.values()
    let logits = tape.linear(output, weights: decoder, bias: nil, of: parameters)
    _ = tape.softmaxCrossEntropy(logits, labels: (0..<rows).map { Int32($0 % 5) })
    tape.backward()
    return Outcome(
      output: outputs, state: [last.output.values(), last.cell.values()],
      gradients: [try #require(input.gradient).values()]
        + parameters.trainable.map { parameters.gradient(of: $0) })
  }

  @Test(arguments: Example.all)
  func equalsPlainLoops(example: Example) throws {
    let context = try ComputeContext(threads: 2)
    let result = try outcome(example, context)
    let plain = PlainTree(example)
    let expected = plain.run(try weights(example, context))
    // Products of products grow: relative to the largest.
    let largest = expected.output.reduce(1) { max($0, abs($1)) }
    for (value, other) in zip(result.output, expected.output) {
      #expect(abs(Double(value) - other) < 1e-5 * largest)
    }
    for (value, other) in zip(result.state[1], expected.cell) {
      #expect(abs(Double(value) - other) < 1e-5 * max(largest, abs(other)))
    }
    #expect(result.state[0] == Array(result.output.suffix(example.batch * example.hidden)))
  }

  private func weights(_ example: Example, _ context: ComputeContext) throws -> [[Double]] {
    let parameters = Parameters()
    let width = example.leaves * example.hidden
    let declared = [
      parameters.declare("w", [example.inputs, width], .uniformFanIn(2)),
      parameters.declare("u", [example.hidden, width], .uniformFanIn(2)),
    ]
    parameters.allocate(in: context, key: RandomKey(seed: 5))
    return declared.map { parameters.values(of: $0).map(Double.init) }
  }

  @Test(arguments: Example.all.filter { $0.leaves > 2 })
  func bitsDependOnNothing(example: Example) throws {
    let expected = try outcome(example, try ComputeContext(threads: 1, blas: .native))
    for set in InstructionSet.allCases {
      for threads in [1, 2] {
        guard
          let context = try? ComputeContext(threads: threads, instructionSet: set, blas: .native)
        else { continue }
        #expect(try outcome(example, context) == expected, "\(set), \(threads)")
      }
    }
  }

  /// By hand: two steps of one sequence, two units, two leaves, three inputs; forward one product
  /// of 2x3 by 3x4, and a step 2·2·4 = 16 operations of 1x2 by 2x4, and 6 a node and unit.
  @Test func isPricedByItsMathematics() {
    let parameters = Parameters()
    let tape = Tape.dry(isTraining: false)
    let shape = Shape(rows: 1, columns: 2)
    let node = TreeWiring.Node(.add, .tanh)
    _ = tape.treeCell(
      tape.empty(Shape(rows: 2, columns: 3), requiresGradient: false),
      from: tape.zeroLSTMState(batch: 1, hidden: 2),
      mask: tape.dropoutMask(shape, keep: 1, key: RandomKey(seed: 1)),
      TreeCellWeights(
        input: parameters.declare("w", [3, 4], .constant(0)),
        hidden: parameters.declare("u", [2, 4], .constant(0))),
      wiring: TreeWiring(nodes: [node, node, node], injected: 0, injection: node, cell: 1),
      of: parameters)
    let step = [
      LogicalOperation(.recurrentProduct, flops: 16, bytes: 4 * (2 + 8 + 4)),
      LogicalOperation(.memoryBound, flops: 6 * 4 * 2, bytes: 4 * 7 * 2),
    ]
    #expect(
      tape.operations
        == [LogicalOperation(.matrixProduct, flops: 48, bytes: 4 * (6 + 12 + 8))] + step + step)
  }
}

/// The same in double precision, recursively from the root.
private struct PlainTree {
  let example: TreeCellTests.Example
  let wiring: TreeWiring

  init(_ example: TreeCellTests.Example) { (self.example, wiring) = (example, example.wiring) }

  private func combine(_ node: TreeWiring.Node, _ a: Double, _ b: Double) -> Double {
    node.combination == .add ? a + b : a * b
  }
  private func apply(_ node: TreeWiring.Node, _ x: Double) -> Double {
    switch node.activation {
    case .identity: return x
    case .relu: return max(0, x)
    case .sigmoid: return 1 / (1 + PortableMath.exp(-x))
    case .tanh: return 2 / (1 + PortableMath.exp(-2 * x)) - 1
    }
  }

  func run(_ weights: [[Double]]) -> (output: [Double], cell: [Double]) {
    let (batch, hidden, inputs) = (example.batch, example.hidden, example.inputs)
    let width = example.leaves * hidden
    let x = ramp(example.steps * batch * inputs, 7, 101, scale: 2).map(Double.init)
    var h = ramp(batch * hidden, 5, 11).map(Double.init)
    var c = ramp(batch * hidden, 4, 13).map(Double.init)
    let mask = ramp(batch * hidden, 3, 7).map { Double($0 + 1) }
    var output: [Double] = []
    for step in 0..<example.steps {
      var (next, nextCell) = (h, c)
      for row in 0..<batch {
        for unit in 0..<hidden {
          let at = row * hidden + unit
          func value(_ node: Int) -> Double {
            let column = node * hidden + unit
            let before: Double
            if node < example.leaves {
              let start = (step * batch + row) * inputs
              let p = (0..<inputs).reduce(0) {
                $0 + x[start + $1] * weights[0][$1 * width + column]
              }
              let q = (0..<hidden).reduce(0) {
                $0 + h[row * hidden + $1] * mask[row * hidden + $1]
                  * weights[1][$1 * width + column]
              }
              before = combine(wiring.nodes[node], p, q)
            } else {
              let first = 2 * (node - example.leaves)
              before = combine(wiring.nodes[node], value(first), value(first + 1))
            }
            if node == wiring.cell { nextCell[at] = before }
            let result = apply(wiring.nodes[node], before)
            guard node == wiring.injected else { return result }
            return apply(wiring.injection, combine(wiring.injection, result, c[at]))
          }
          next[at] = value(2 * example.leaves - 2)
        }
      }
      (h, c) = (next, nextCell)
      output += h
    }
    return (output, c)
  }
}
