import Experiments
import Foundation
import NeuralNetworks
import OperationCosts
import SearchCore
import SearchSpaces
import TensorCore
import TestSupport
import Testing

/// The tracked device profiles against costs that somebody recorded.
@Suite struct DeviceProfileFitTests {
  /// Seconds of one training epoch (25,000 images, batch 256) on a GTX 1080 Ti, recorded with
  /// NAS-Bench-201. The profile was fitted to these three, so this holds the fit, not a forecast.
  @Test(arguments: [
    (
      "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
      7.221
    ),
    (
      "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|",
      12.462
    ),
    ("|skip_connect~0|+|skip_connect~0|skip_connect~1|+|none~0|nor_conv_1x1~1|none~2|", 4.876),
  ])
  func gtx1080TiMeetsTheRecordedSeconds(cell: String, seconds: Double) throws {
    let file = SharedFolder.repository.appending(path: "Benchmarks/devices/gtx-1080-ti.yaml")
    let device = try DeviceProfileReader.read(file, shownAs: "gtx-1080-ti.yaml")
    let space = NASBench201()
    let network = space.network(
      of: try space.parse(cell), scale: TrainingProtocol.Scale(), classes: 10)
    func charge(_ batch: Int) -> Charge {
      let tape = Tape.dry(isTraining: true)
      let images = tape.empty(Shape(batch, 32, 32, 3), requiresGradient: false)
      _ = tape.softmaxCrossEntropy(network.logits(of: images, on: tape), labels: [])
      let operations = tape.operations + SGD.operations(network.parameters, clips: false)
      return device.charge(for: operations, examples: batch, trainingExamples: batch)
    }
    // 97 whole minibatches and one of 168.
    let epoch = charge(256) * 97 + charge(168)
    let modelled = Double(epoch.referenceNanoseconds) / 1e9
    #expect(abs(modelled / seconds - 1) < 0.05, "\(modelled) s")
  }
}
