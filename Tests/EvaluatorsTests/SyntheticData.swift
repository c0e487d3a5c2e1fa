import Datasets
import Evaluators
import OperationCosts
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// Small images whose class is the brighter half: learnt in a few steps.
enum SyntheticData {
  static func images(
    count: Int, size: Int = 8, channels: Int = 3, seed: UInt64, labelShift: Int = 0
  ) -> LabeledImages {
    var generator = RandomKey(seed: seed).generator()
    var pixels: [UInt8] = []
    var labels: [UInt8] = []
    for _ in 0..<count {
      let label = generator.integer(below: 2)
      for row in 0..<size {
        for _ in 0..<size * channels {
          let isBright = (row < size / 2) == (label == 0)
          pixels.append(UInt8(generator.integer(below: 100) + (isBright ? 120 : 30)))
        }
      }
      labels.append(UInt8((label + labelShift) % 2))
    }
    return LabeledImages(
      height: size, width: size, channels: channels, classCount: 2, pixels: pixels,
      labels: labels)
  }

  static func dataset(
    size: Int = 8, channels: Int = 3, testLabelShift: Int = 0
  ) -> ImageDataset {
    ImageDataset(
      name: "synthetic", version: "1", classes: ["top", "bottom"],
      training: images(count: 120, size: size, channels: channels, seed: 1),
      validationCount: 40, testCount: 50, checksums: [],
      readTest: {
        images(
          count: 50, size: size, channels: channels, seed: 2, labelShift: testLabelShift)
      })
  }

  static let device = DeviceProfile(
    name: "device", title: "Device", gigaflopsPerSecond: [.denseConvolution: 100],
    gigabytesPerSecond: 10, launchMicroseconds: 5, inputMicrosecondsPerExample: 1, sources: [])

  static let training = TrainingProtocol(
    recipe: "test", epochs: 2, batchSize: 32, learningRate: 0.05, cropPadding: 0,
    horizontalFlip: false, scale: TrainingProtocol.Scale(channels: 4, cells: 1))

  static func evaluator(
    _ training: TrainingProtocol = training, final: TrainingProtocol? = nil,
    space: any TrainableSearchSpace = NASBench201(), data: ImageDataset = dataset(),
    threads: Int = 1, blas: BLASBackend = .native
  ) throws -> TrainingEvaluator {
    let split = try DataSplit.make(
      trainingCount: 120, validationCount: 40, key: RandomKey(seed: 9))
    return TrainingEvaluator(
      ImageTask(space: space, data: data, split: split), training: training, finalTraining: final,
      device: device, context: try ComputeContext(threads: threads, blas: blas))
  }

  static let cell = Architecture(space: NASBench201.name, choices: [3, 1, 2, 4, 0, 3])

  /// Steps until the outcome.
  static func finish(_ evaluation: any Evaluation) throws -> [StepReport] {
    var reports: [StepReport] = []
    repeat { reports.append(try evaluation.step()) } while reports.last?.outcome == nil
    return reports
  }
}
