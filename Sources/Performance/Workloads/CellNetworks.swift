import SearchCore
import SearchSpaces

extension Workload {
  /// Networks of the convolutional search spaces: DARTS' supernet and found cell, a child of ENAS
  /// and a chain of the first architecture search.
  static let cellNetworks: [Workload] = [
    Workload("darts-eval", defaultBatch: 32) { context, batch in
      ClassificationSession(
        dartsNetwork(), batch: batch,
        optimizer: .init(
          learningRate: 0.025, isNesterov: false, weightDecay: 3e-4, clipNorm: 5), in: context)
    },
    Workload("darts-eval-infer", defaultBatch: 32) { context, batch in
      ClassificationSession(dartsNetwork(), batch: batch, optimizer: nil, in: context)
    },
    Workload("darts-search", defaultBatch: 64) { context, batch in
      SupernetSession(
        DARTSSupernet(channels: 16, cellsPerStage: 2, classes: 10), batch: batch, in: context)
    },
    Workload("enas-child", defaultBatch: 128) { context, batch in
      var options = NetworkOptions()
      options.hasAuxiliaryHead = true
      options.dropout = 0.1
      let supernet = ENASMicroSupernet(
        channels: 20, cellsPerStage: 2, classes: 10, options: options)
      return ClassificationSession(
        supernet.child(of: try ENASMicro().parse(ENASMicro.published)), batch: batch,
        optimizer: .init(learningRate: 0.05, isNesterov: true, weightDecay: 1e-4, clipNorm: 5),
        in: context)
    },
    Workload("nas-child", defaultBatch: 128) { context, batch in
      let space = NASChain()
      return ClassificationSession(
        space.network(
          of: try space.parse(nasChild), scale: TrainingProtocol.Scale(), classes: 10),
        batch: batch,
        optimizer: .init(learningRate: 0.1, isNesterov: true, weightDecay: 1e-4), in: context)
    },
  ]

  private static func dartsNetwork() -> CellNetwork {
    CellNetwork(
      cells: DARTSCells.secondOrder, wiring: .darts, channels: 36, cellsPerStage: 6, classes: 10,
      options: NetworkOptions(.dartsEvaluation, imageSize: 32))
  }

  /// Fifteen layers of square filters with nine skips, as the peer's benchmark has them.
  private static let nasChild = [
    "3 3 36", "3 3 48 1", "3 3 36 1 1", "5 5 36 0 1 1", "3 3 48 0 0 0 1", "7 7 48 0 0 1 0 1",
    "5 5 36 0 0 0 0 0 1", "3 3 36 0 0 0 0 1 0 1", "5 5 36 0 0 0 0 0 0 0 1",
    "3 3 48 0 0 0 0 0 1 0 1 1", "7 7 36 0 0 0 0 0 0 0 0 0 1",
    "3 3 48 0 0 0 0 0 0 0 0 1 0 1", "5 5 48 0 0 0 0 0 0 0 0 0 0 0 1",
    "7 7 36 0 0 0 0 0 0 0 0 0 0 1 0 1", "3 3 48 0 0 0 0 0 0 0 0 0 0 0 1 0 1",
  ].joined(separator: " | ")
}
