import NeuralNetworks
import TensorCore
import Testing

/// What must not change a training's result, and what a step may take.
@Suite struct TrainingInvarianceTests {
  private func bits(_ values: [Float]) -> [UInt32] { values.map { $0.bitPattern } }

  private func state(
    threads: Int = 1, on set: InstructionSet? = nil, _ blas: BLASBackend
  ) throws -> [Float] {
    SmallTraining.state(
      after: 3, in: try ComputeContext(threads: threads, instructionSet: set, blas: blas))
  }

  @Test(arguments: BLASBackend.allCases)
  func twoThreadsGiveTheBitsOfOne(blas: BLASBackend) throws {
    let one = try state(threads: 1, blas)
    #expect(bits(one) == bits(try state(threads: 2, blas)))
    #expect(one.allSatisfy { $0.isFinite })
  }

  @Test(arguments: InstructionSet.allCases.filter { $0.isAvailable })
  func nativeGivesTheSameBitsOnEveryInstructionSet(set: InstructionSet) throws {
    #expect(bits(try state(threads: 2, on: set, .native)) == bits(try state(.native)))
  }

  @Test func trainingMovesEveryParameter() throws {
    let context = try ComputeContext()
    let before = SmallTraining.state(after: 0, in: context)
    let after = SmallTraining.state(after: 3, in: context)
    let unmoved = zip(before, after).count { $0 == $1 }
    // A weight whose gradient is zero still decays; one that is exactly zero does not.
    #expect(unmoved == 0)
  }

  /// Three steps multiply single precision's rounding of sums by about a hundred.
  @Test(arguments: [BLASBackend.openBLAS, .openBLASAll])
  func backendsAgreeWithinRounding(blas: BLASBackend) throws {
    let native = try state(.native)
    let other = try state(blas)
    let largest = zip(native, other).map { abs($0 - $1) / max(1, abs($0)) }.max()
    #expect(largest ?? 1 < 2e-5)
  }

  // MARK: Memory

  @Test func aDryTapeKnowsShapesAndPeakMemory() throws {
    let dry = SmallNetwork()
    let tape = Tape.dry(isTraining: true)
    let images = tape.empty(SmallNetwork.image, requiresGradient: false)
    _ = tape.softmaxCrossEntropy(dry.logits(of: images, on: tape), labels: [])
    tape.backward()

    let training = SmallTraining(try ComputeContext(blas: .native))
    let (before, peak) = training.step()
    #expect(training.network.shapes == dry.shapes)
    #expect(tape.peakBytes == peak - before)
    // At least what the widest features take, forward and backward.
    #expect(tape.peakBytes > 2 * 4 * 8 * 9 * 10 * 36)
  }

  @Test(arguments: BLASBackend.allCases)
  func laterStepsTakeNoNewMemory(blas: BLASBackend) throws {
    let training = SmallTraining(try ComputeContext(threads: 2, blas: blas))
    training.step()
    let memory = training.context.memoryBytes
    for _ in 0..<3 { training.step() }
    #expect(training.context.memoryBytes == memory)
  }
}
