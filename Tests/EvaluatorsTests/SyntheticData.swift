import Datasets
import Evaluators
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// Small images whose class is the brighter half: learnt in a few steps.
enum SyntheticData {
  static func images(count: Int, seed: UInt64, labelShift: Int = 0) -> LabeledImages {
    var generator = RandomKey(seed: seed).generator()
    var pixels: [UInt8] = []
    var labels: [UInt8] = []
    for _ in 0..<count {
      let label = generator.integer(below: 2)
      for row in 0..<8 {
        for _ in 0..<8 * 3 {
          let isBright = (row < 4) == (label == 0)
          pixels.append(UInt8(generator.integer(below: 100) + (isBright ? 120 : 30)))
        }
      }
      labels.append(UInt8((label + labelShift) % 2))
    }
    return LabeledImages(
      height: 8, width: 8, channels: 3, classCount: 2, pixels: pixels, labels: labels)
  }

  static func dataset(testLabelShift: Int = 0) -> ImageDataset {
    ImageDataset(
      name: "synthetic", version: "1", classes: ["top", "bottom"],
      training: images(count: 120, seed: 1), validationCount: 40, testCount: 50, checksums: [],
      readTest: { images(count: 50, seed: 2, labelShift: testLabelShift) })
  }

  static let device = DeviceProfile(
    name: "device", title: "Device", gigaflopsPerSecond: [.denseConvolution: 100],
    gigabytesPerSecond: 10, launchMicroseconds: 5, inputMicrosecondsPerExample: 1, sources: [])

  static let training = TrainingProtocol(
    recipe: "test", epochs: 2, batchSize: 32, learningRate: 0.05, cropPadding: 0,
    horizontalFlip: false, scale: TrainingProtocol.Scale(channels: 4, cells: 1))

  static func evaluator(
    _ training: TrainingProtocol = training, data: ImageDataset = dataset(), threads: Int = 1,
    blas: BLASBackend = .native
  ) throws -> TrainingEvaluator {
    let split = try DataSplit.make(
      trainingCount: 120, validationCount: 40, key: RandomKey(seed: 9))
    return TrainingEvaluator(
      space: NASBench201(), data: data, split: split, training: training, device: device,
      context: try ComputeContext(threads: threads, blas: blas))
  }

  static let cell = Architecture(space: NASBench201.name, choices: [3, 1, 2, 4, 0, 3])

  /// Steps until the outcome.
  static func finish(_ evaluation: any Evaluation) throws -> [StepReport] {
    var reports: [StepReport] = []
    repeat { reports.append(try evaluation.step()) } while reports.last?.outcome == nil
    return reports
  }
}
