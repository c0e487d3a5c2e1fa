import NeuralNetworks
import TensorCore

/// The stack of cells of DARTS' networks: stem, cells with two reductions among them, classifier.
///
/// A 3x3 stem with 3C filters and a batch normalisation; N normal cells of C channels, a reduction
/// cell of 2C, N of 2C, a reduction of 4C, N of 4C; global average pooling and a linear layer. Each
/// cell reads the outputs of the two cells before it, brought to its channels by 1x1 convolutions,
/// and at half the size behind a reduction by a factorized reduction.
///
/// Source: Liu et al., arXiv 1806.09055, and the released code.
struct CellStack<Cell> {
  private let stem: Convolution
  private let stemNormalization: BatchNormalization
  private let slots: [Slot]
  private let classifier: Linear

  /// What a cell is preceded by.
  private struct Slot {
    /// Bring the outputs of the two cells before to this cell's size and channels.
    let older: SeparableStage
    let newer: SeparableStage
    let cell: Cell
    let isLastReduction: Bool
  }

  private let parameters: Parameters

  /// Channels of the second reduction's output, which an auxiliary head reads.
  let auxiliaryChannels: Int

  /// Declares the stack.
  ///
  /// - Parameters:
  ///   - outputStates: How many states of a cell are joined to be its output.
  ///   - makeCell: Declares a cell's weights under a name, for a number of channels.
  init(
    channels: Int, cellsPerStage: Int, classes: Int, outputStates: Int, isAffine: Bool,
    in parameters: Parameters,
    makeCell: (_ name: String, _ channels: Int, _ isReduction: Bool) -> Cell
  ) {
    self.parameters = parameters
    stem = Convolution("stem.conv", from: 3, to: 3 * channels, window: Window(3), in: parameters)
    stemNormalization = BatchNormalization("stem.bn", channels: 3 * channels, in: parameters)
    let reductions = [cellsPerStage, 2 * cellsPerStage + 1]
    var slots: [Slot] = []
    var (older, newer, width) = (3 * channels, 3 * channels, channels)
    for index in 0..<3 * cellsPerStage + 2 {
      let name = "cells.\(index)"
      let isReduction = reductions.contains(index)
      if isReduction { width *= 2 }
      let adapter =
        reductions.contains(index - 1)
        ? FactorizedReduction(
          "\(name).older", from: older, to: width, isAffine: isAffine, in: parameters
        ).stage
        : PointwiseUnit(
          "\(name).older", from: older, to: width, isAffine: isAffine, in: parameters
        ).stage
      let newerAdapter = PointwiseUnit(
        "\(name).newer", from: newer, to: width, isAffine: isAffine, in: parameters)
      slots.append(
        Slot(
          older: adapter, newer: newerAdapter.stage,
          cell: makeCell(name, width, isReduction), isLastReduction: index == reductions[1]))
      (older, newer) = (newer, outputStates * width)
    }
    self.slots = slots
    auxiliaryChannels = outputStates * 4 * channels
    classifier = Linear("classifier", from: newer, to: classes, in: parameters)
  }

  /// Runs the stack.
  ///
  /// - Parameter run: What a cell makes of its two inputs; its depth is the part of the cells up to
  ///   it.
  /// - Returns: Logits, and the second reduction's output.
  func callAsFunction(
    _ images: Tensor, on tape: Tape,
    pass: TrainingPass? = nil, dropout: Float = 0,
    run: (_ cell: Cell, _ depth: Float, _ older: Tensor, _ newer: Tensor) -> Tensor
  ) -> (logits: Tensor, auxiliaryFeatures: Tensor?) {
    var older = stemNormalization(stem(images, on: tape), on: tape)
    var newer = older
    var auxiliaryFeatures: Tensor?
    for (index, slot) in slots.enumerated() {
      let output = run(
        slot.cell, Float(index + 1) / Float(slots.count),
        tape.unit(slot.older, older, of: parameters),
        tape.unit(slot.newer, newer, of: parameters))
      (older, newer) = (newer, output)
      if slot.isLastReduction { auxiliaryFeatures = output }
    }
    var features = tape.globalAveragePool(newer)
    if let pass { features = pass.dropout(features, probability: dropout, on: tape) }
    return (classifier(features, on: tape), auxiliaryFeatures)
  }
}
