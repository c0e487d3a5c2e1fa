import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import WeightSharing

/// Square images whose class is the brighter half; drawn by index, so nothing is stored.
final class StubImages: MinibatchSource {
  var image: (height: Int, width: Int, channels: Int) { (side, side, 3) }
  let classes = 2
  private let training: Int
  private let validation: Int
  private let side: Int
  /// What was asked for, in order.
  private(set) var requests: [Request] = []

  /// A minibatch that was asked for.
  struct Request: Hashable {
    let part: SplitPart
    let index: Int
    /// Whether it is of a shuffled stream; else of the split in its own order.
    var isShuffled = true
    var isAugmented = false
    /// Whether normalisations of the pass that reads it use its statistics.
    var usesBatchStatistics: Bool
  }

  init(training: Int = 40, validation: Int = 24, side: Int = 8) {
    self.training = training
    self.side = side
    self.validation = validation
  }

  func count(of part: SplitPart) -> Int { part == .training ? training : validation }

  func minibatch(
    _ index: Int, of part: SplitPart, size: Int, isAugmented: Bool, key: RandomKey, on tape: Tape
  ) -> Minibatch {
    requests.append(
      Request(
        part: part, index: index, isAugmented: isAugmented,
        usesBatchStatistics: tape.usesBatchStatistics))
    let batches = batches(of: part, size: size)
    var generator = key.child("order", index / batches).generator()
    let order = generator.permutation(count(of: part))
    let start = (index % batches) * size
    return minibatch(
      order[start..<start + self.size(of: index, in: part, batchSize: size)], of: part, on: tape)
  }

  func plainMinibatch(_ index: Int, of part: SplitPart, size: Int, on tape: Tape) -> Minibatch {
    requests.append(
      Request(
        part: part, index: index, isShuffled: false, usesBatchStatistics: tape.usesBatchStatistics))
    let start = (index % batches(of: part, size: size)) * size
    return minibatch(
      Array(start..<start + self.size(of: index, in: part, batchSize: size))[...], of: part,
      on: tape)
  }

  private func minibatch(
    _ indices: ArraySlice<Int>, of part: SplitPart, on tape: Tape
  ) -> Minibatch {
    var values: [Float] = []
    let labels = indices.map { index -> Int32 in
      var generator = RandomKey(seed: 6).child(part.rawValue, index).generator()
      let label = generator.integer(below: 2)
      for row in 0..<side {
        let mean = (row < side / 2) == (label == 0) ? 1.0 : -1.0
        for _ in 0..<side * 3 { values.append(Float(mean + generator.normal())) }
      }
      return Int32(label)
    }
    return Minibatch(
      images: tape.constant(values, Shape(indices.count, side, side, 3)), labels: labels)
  }
}

extension OneShotTask {
  /// A tiny task: 4 channels, one cell a stage; texts where the space has language models.
  static func stub(
    _ space: any SearchSpace, budget: Budget = Budget(3, .epochs), seed: UInt64 = 1,
    data: (any ExampleSource)? = nil, trainer: StubTrainer? = nil, threads: Int = 1
  ) throws -> OneShotTask {
    let isText = space is any LanguageSearchSpace
    return OneShotTask(
      space: space, objective: isText ? .perplexity : .classificationError,
      scale: TrainingProtocol.Scale(channels: 4, cells: 1),
      data: data ?? (isText ? StubText() : StubImages()),
      trainer: trainer ?? StubTrainer(key: RandomKey(seed: seed)),
      device: DeviceProfile(
        name: "device", title: "Device", gigaflopsPerSecond: [.denseConvolution: 100],
        gigabytesPerSecond: 10, launchMicroseconds: 5, inputMicrosecondsPerExample: 1,
        sources: []), budget: budget, context: try ComputeContext(threads: threads),
      key: RandomKey(seed: seed))
  }
}

extension Evaluation {
  /// Steps until the outcome.
  func finish() throws -> [StepReport] {
    var reports: [StepReport] = []
    repeat { reports.append(try step()) } while reports.last?.outcome == nil
    return reports
  }
}
