import NeuralNetworks
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// The continuous relaxation of a space with the examples that its weights and α are trained on:
/// what DARTS steps, prices and chooses from, be it on images or on texts.
package protocol Relaxation: AnyObject {
  var parameters: Parameters { get }
  var alphas: Parameters { get }
  /// What scores add up to.
  var measure: ScoreMeasure { get }
  /// Whether gradients are clipped within the unrolled step, too.
  var clipsWithin: Bool { get }
  /// What is carried from step to step beside weights and α.
  var carried: [CarriedState] { get }
  /// The relaxed choices, cell by cell.
  var cells: [RelaxedCell] { get }

  /// Where a minibatch of the training stream stands.
  func place(_ index: Int) -> StreamPlace

  /// Minibatches of a usual epoch.
  var usualBatches: Int { get }

  /// Examples of the validation minibatch that goes with one of the training stream.
  func validationExamples(_ index: Int) -> Int

  /// What the weights' learning rate is multiplied by at a minibatch.
  func rateFactor(_ index: Int) -> Double

  /// Scores a step's minibatch on a tape, which seeds the gradient of its loss.
  ///
  /// - Parameter isWeightStep: Whether the loss has its penalties, which a step of α has not.
  func score(_ index: Int, of part: SplitPart, isWeightStep: Bool, on tape: Tape) -> BatchScore

  /// Ends a step: what its last passes have left is carried on.
  func finishStep()

  /// Charges a pass on so many examples to a dry tape.
  func price(examples: Int, on tape: Tape)

  /// What is chosen by probabilities of every cell's edges, a row an edge.
  func discretized(_ rows: [[[Double]]]) -> Architecture
}

/// A cell of which every edge computes all operations.
package struct RelaxedCell {
  package let name: String
  /// α: a row an edge, a column an operation.
  package let alphas: Parameter
  package let edges: [String]
  package let operations: [String]
}

/// The relaxation of a space of cells on images.
package final class CellRelaxation: Relaxation {
  package let measure = ScoreMeasure.error
  /// The released code does not.
  package let clipsWithin = false
  package let carried: [CarriedState] = []
  package let cells: [RelaxedCell]
  private let network: any RelaxedNetwork
  private let images: any MinibatchSource
  private let batchSize: Int
  private let key: RandomKey

  package init(
    _ network: any RelaxedNetwork, on images: any MinibatchSource, batchSize: Int, key: RandomKey
  ) {
    self.network = network
    self.images = images
    self.batchSize = batchSize
    self.key = key
    cells = zip(network.cellNames, network.alphas.trainable).map {
      RelaxedCell(
        name: $0, alphas: $1, edges: network.edgeNames, operations: network.operationNames)
    }
  }

  package var parameters: Parameters { network.parameters }
  package var alphas: Parameters { network.alphas }

  package func place(_ index: Int) -> StreamPlace {
    images.place(index, of: .training, batchSize: batchSize)
  }

  package var usualBatches: Int { images.batches(of: .training, size: batchSize) }

  package func validationExamples(_ index: Int) -> Int {
    images.size(of: index, in: .validation, batchSize: batchSize)
  }

  package func rateFactor(_ index: Int) -> Double { 1 }

  package func score(
    _ index: Int, of part: SplitPart, isWeightStep: Bool, on tape: Tape
  ) -> BatchScore {
    score(index, of: part, by: network, on: tape)
  }

  /// Scores a step's minibatch by a network of the same weights.
  func score(
    _ index: Int, of part: SplitPart, by network: any Network, on tape: Tape
  ) -> BatchScore {
    let batch = images.minibatch(
      index, of: part, size: batchSize, isAugmented: true, key: key.child(part.rawValue), on: tape)
    return network.score(batch.images, labels: batch.labels, on: tape).score
  }

  package func finishStep() {}

  package func price(examples: Int, on tape: Tape) {
    price(examples: examples, by: network, on: tape)
  }

  /// Charges a pass of a network of the same weights to a dry tape.
  func price(examples: Int, by network: any Network, on tape: Tape) {
    let size = images.image
    _ = network.score(
      tape.empty(
        Shape(examples, size.height, size.width, size.channels), requiresGradient: false),
      labels: [], on: tape)
  }

  package func discretized(_ rows: [[[Double]]]) -> Architecture {
    network.discretized(rows)
  }
}
