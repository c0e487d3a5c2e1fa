import NeuralNetworks
import SearchCore
import SearchSpaces

extension Workload {
  /// ResNet-20 and a network of NAS-Bench-201.
  static let referenceNetworks: [Workload] = [
    Workload("nb201", defaultBatch: 256) { context, batch in
      let space = NASBench201()
      let cell = try space.parse(
        "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|"
          + "+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|")
      return ClassificationSession(
        space.network(of: cell, scale: TrainingProtocol.Scale(), classes: 10), batch: batch,
        optimizer: .init(learningRate: 0.1, isNesterov: true, weightDecay: 5e-4), in: context)
    },
    Workload("resnet20", defaultBatch: 128) { context, batch in
      ClassificationSession(
        ResNet(depth: 20), batch: batch,
        optimizer: .init(learningRate: 0.1, isNesterov: false, weightDecay: 1e-4), in: context)
    },
    Workload("resnet20-infer", defaultBatch: 250) { context, batch in
      ClassificationSession(ResNet(depth: 20), batch: batch, optimizer: nil, in: context)
    },
  ]
}
