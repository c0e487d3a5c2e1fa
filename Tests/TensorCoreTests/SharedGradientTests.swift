import TensorCore
import Testing

/// Sums pass one gradient on to several tensors; none of them may see what another adds to it.
@Suite struct SharedGradientTests {
  private let shape = Shape(2, 1, 1, 3)

  /// Gradients of both inputs of a network of sums, by the derivative that is 1 a consumer.
  private func gradients(
    _ build: (Tensor, Tensor, Tape) -> Tensor
  ) throws -> (left: [Float], right: [Float], output: [Float]) {
    let tape = Tape(try ComputeContext(), isTraining: true)
    let left = tape.constant([1, 2, 3, 4, 5, 6], shape, requiresGradient: true)
    let right = tape.constant([6, 5, 4, 3, 2, 1], shape, requiresGradient: true)
    let output = build(left, right, tape)
    _ = tape.softmaxCrossEntropy(output, labels: [0, 2])
    let seeded = try #require(output.gradient).values()
    tape.backward()
    return (
      try #require(left.gradient).values(), try #require(right.gradient).values(), seeded
    )
  }

  @Test func aSumPassesItsGradientOn() throws {
    let found = try gradients { left, right, tape in tape.add(left, right) }
    #expect(found.left == found.output)
    #expect(found.right == found.output)
  }

  @Test func aTensorAddedTwiceGetsItTwice() throws {
    let found = try gradients { left, right, tape in tape.add(tape.add(left, right), left) }
    #expect(found.left == found.output.map { 2 * $0 })
    #expect(found.right == found.output)
  }

  @Test func aTensorAddedToItselfGetsItTwice() throws {
    let found = try gradients { left, right, tape in tape.add(tape.add(left, left), right) }
    #expect(found.left == found.output.map { 2 * $0 })
    #expect(found.right == found.output)
  }

  /// The inner sum's rectifier cuts the gradient that the outer one still shares with `right`.
  @Test func aRectifierLeavesTheOthersGradientAlone() throws {
    let found = try gradients { left, right, tape in
      let negative = tape.constant([-9, 0, -9, 0, -9, 0], shape)
      let inner = tape.add(left, negative, rectified: true)
      return tape.add(inner, right)
    }
    #expect(found.right == found.output)
    let expected = found.output.enumerated().map { $0.offset % 2 == 0 ? 0 : $0.element }
    #expect(found.left == expected)
  }

  @Test func slicesOfAWholeThatIsAddedKeepTheirParts() throws {
    let found = try gradients { left, right, tape in
      let narrow = tape.concatenate([left.slice(channels: 0..<1), left.slice(channels: 1..<3)])
      return tape.add(tape.add(left, right), narrow)
    }
    #expect(found.left == found.output.map { 2 * $0 })
    #expect(found.right == found.output)
  }

  @Test func oneRectifierServesAllThatFollow() throws {
    let tape = Tape(try ComputeContext(), isTraining: true)
    let input = tape.constant([-1, 2, -3, 4, -5, 6], shape, requiresGradient: true)
    let (first, second) = (tape.relu(input), tape.relu(input))
    #expect(first === second)
    let output = tape.add(first, second)
    _ = tape.softmaxCrossEntropy(output, labels: [0, 2])
    let seeded = try #require(output.gradient).values()
    tape.backward()
    let expected = seeded.enumerated().map { $0.offset % 2 == 0 ? 0 : 2 * $0.element }
    #expect(try #require(input.gradient).values() == expected)
  }
}
