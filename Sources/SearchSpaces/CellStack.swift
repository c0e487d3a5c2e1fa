import NeuralNetworks
import TensorCore

/// The stack of cells of a network: stem, cells with two reductions among them, classifier.
///
/// A 3x3 stem with 3C filters and a batch normalisation; N normal cells of C channels, a reduction
/// cell of 2C, N of 2C, a reduction of 4C, N of 4C; global average pooling and a linear layer. Each
/// cell reads the outputs of the two cells before it, brought to its channels by 1x1 convolutions,
/// and at half the size behind a reduction by a factorized reduction.
///
/// Source: Liu et al., arXiv 1806.09055, and the released code; `CellWiring` says where others
/// differ.
struct CellStack<Cell> {
  private let stem: Convolution
  private let stemNormalization: BatchNormalization
  private let slots: [Slot]
  private let rectifiesFeatures: Bool
  private let classifier: Linear

  /// What a cell is preceded by.
  private struct Slot {
    /// Bring the outputs of the two cells before to this cell's size and channels.
    let older: [SeparableStage]
    let newer: [SeparableStage]
    let cell: Cell
    let isAuxiliary: Bool
  }

  /// What a stack is made of.
  struct Plan {
    /// C: channels of the first cells' states.
    let channels: Int
    /// N: normal cells of each of the three stages.
    let cellsPerStage: Int
    let classes: Int
    let wiring: CellWiring
    /// Channels of the images.
    let imageChannels: Int
    var isAffine = true
    /// Channels of a cell's output, in those of its states.
    let outputWidth: (_ isReduction: Bool) -> Int

    var reductions: [Int] { [cellsPerStage, 2 * cellsPerStage + 1] }
    var cells: Int { 3 * cellsPerStage + 2 }

    /// The cell whose output an auxiliary head reads.
    var auxiliaryCell: Int {
      switch wiring.auxiliaryPlace {
      case .beforeLastReduction: reductions[1] - 1
      case .lastReduction: reductions[1]
      case .behindLastReduction: reductions[1] + 1
      }
    }
  }

  private let parameters: Parameters

  /// Channels of the output that an auxiliary head reads.
  let auxiliaryChannels: Int
  /// How often that output's size was halved.
  let auxiliaryHalvings: Int

  /// Declares the stack.
  ///
  /// - Parameter makeCell: Declares a cell's weights under a name, for a number of channels.
  init(
    _ plan: Plan, in parameters: Parameters,
    makeCell: (_ name: String, _ channels: Int, _ isReduction: Bool) -> Cell
  ) {
    self.parameters = parameters
    let (channels, wiring) = (plan.channels, plan.wiring)
    rectifiesFeatures = wiring.rectifiesFeatures
    stem = Convolution(
      "stem.conv", from: plan.imageChannels, to: 3 * channels, window: Window(3), in: parameters)
    stemNormalization = BatchNormalization("stem.bn", channels: 3 * channels, in: parameters)
    var slots: [Slot] = []
    var (older, newer, width) = (3 * channels, 3 * channels, channels)
    var auxiliaryChannels = 0
    for index in 0..<plan.cells {
      let name = "cells.\(index)"
      let isReduction = plan.reductions.contains(index)
      if isReduction { width *= 2 }
      let adapters = Adapters(name, to: width, plan, in: parameters)
      slots.append(
        Slot(
          older: adapters.older(from: older, isLarger: plan.reductions.contains(index - 1)),
          newer: adapters.newer(from: newer), cell: makeCell(name, width, isReduction),
          isAuxiliary: index == plan.auxiliaryCell))
      (older, newer) = (newer, plan.outputWidth(isReduction) * width)
      if index == plan.auxiliaryCell { auxiliaryChannels = newer }
    }
    self.slots = slots
    self.auxiliaryChannels = auxiliaryChannels
    auxiliaryHalvings = wiring.auxiliaryPlace == .beforeLastReduction ? 1 : 2
    classifier = Linear(
      "classifier", from: newer, to: plan.classes, hasBias: wiring.classifierHasBias,
      in: parameters)
  }

  /// Declares what brings a cell's inputs to its size and channels.
  private struct Adapters {
    private let name: String
    private let channels: Int
    private let plan: Plan
    private let parameters: Parameters

    init(_ name: String, to channels: Int, _ plan: Plan, in parameters: Parameters) {
      (self.name, self.channels, self.plan, self.parameters) = (name, channels, plan, parameters)
    }

    /// - Parameter isLarger: Whether the input has twice the cell's height and width.
    func older(from inputs: Int, isLarger: Bool) -> [SeparableStage] {
      if isLarger {
        return [
          FactorizedReduction(
            "\(name).older", from: inputs, to: channels, isAffine: plan.isAffine, in: parameters
          ).stage
        ]
      }
      return inputs == channels && !plan.wiring.adaptsFittingInputs
        ? [] : [pointwise("\(name).older", from: inputs)]
    }

    func newer(from inputs: Int) -> [SeparableStage] {
      plan.wiring.adaptsNewerTwice && inputs != channels
        ? [
          pointwise("\(name).newer.0", from: inputs), pointwise("\(name).newer.1", from: channels),
        ] : [pointwise("\(name).newer", from: inputs)]
    }

    private func pointwise(_ name: String, from inputs: Int) -> SeparableStage {
      PointwiseUnit(
        name, from: inputs, to: channels, isAffine: plan.isAffine, in: parameters
      ).stage
    }
  }

  /// Runs the stack.
  ///
  /// - Parameter run: The sums that a cell makes of its two inputs; its depth is the part of the
  ///   cells up to it.
  /// - Returns: Logits, and the output that an auxiliary head reads.
  func callAsFunction(
    _ images: Tensor, on tape: Tape, pass: TrainingPass? = nil, dropout: Float = 0,
    run: (_ cell: Cell, _ depth: Float, _ inputs: [StageInput]) -> [[SumTerm]]
  ) -> (logits: Tensor, auxiliaryFeatures: Tensor?) {
    let stem = stemNormalization(stem(images, on: tape), on: tape)
    var (last, auxiliaryFeatures): (Tensor, Tensor?) = (stem, nil)
    // The inputs of the next cell and the older one of the cell behind it: an output is brought to
    // all that read it at once.
    var states = tape.units(
      [slots[0].older, slots[0].newer] + slots.dropFirst().prefix(1).map(\.older), .maps(stem),
      of: parameters)
    for (index, slot) in slots.enumerated() {
      let sums = run(slot.cell, Float(index + 1) / Float(slots.count), Array(states.prefix(2)))
      let behind = slots.dropFirst(index + 1)
      var output = CellOutput.sums(sums)
      if slot.isAuxiliary || behind.isEmpty {
        last = tape.joined(sums)
        output = .maps(last)
      }
      if slot.isAuxiliary { auxiliaryFeatures = last }
      states =
        states.dropFirst(2)
        + tape.units(
          behind.prefix(1).map(\.newer) + behind.dropFirst().prefix(1).map(\.older), output,
          of: parameters)
    }
    var features = tape.globalAveragePool(rectifiesFeatures ? tape.relu(last) : last)
    if let pass { features = pass.dropout(features, probability: dropout, on: tape) }
    return (classifier(features, on: tape), auxiliaryFeatures)
  }

  /// Most layers with weights on a way from image to logits.
  ///
  /// - Parameter cellDepth: The same up to a cell's output, of that up to its inputs.
  func depth(_ cellDepth: (_ cell: Cell, _ inputs: [Int]) -> Int) -> Int {
    var (older, newer) = (1, 1)
    for slot in slots {
      let inputs = [(slot.older, older), (slot.newer, newer)].map { stages, depth in
        stages.reduce(depth) { $0 + $1.depth }
      }
      (older, newer) = (newer, cellDepth(slot.cell, inputs))
    }
    return newer + 1
  }
}
