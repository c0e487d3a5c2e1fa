import NeuralNetworks
import Randomness
import SearchCore
import SearchSpaces
import TensorCore

/// The relaxation of DARTS' recurrent cell on texts.
///
/// Both texts lie in as many sequences side by side, and their hidden states are carried from step
/// to step: the validation text's by the pass that α learns from, at the weights after the virtual
/// step in second order. A step reads the training text's next stretch, and the validation text from
/// the same place on, counted round; where an epoch begins both states are zero. All that drops out
/// does so in steps of α as well; what drops out of the training text is the same in all passes of a
/// step, where the released code draws anew, so that the difference of its two displaced gradients
/// is mostly that of their masks. In its unrolled step the embedding stays as it is, since the
/// decoder's old values are loaded over it; here all weights step.
///
/// Source: Liu et al., arXiv 1806.09055, section 3.1, and the released `rnn/train_search.py` and
/// `rnn/architect.py`.
package final class RecurrentRelaxation: Relaxation {
  package let measure = ScoreMeasure.perplexity
  package let clipsWithin: Bool
  package let cells: [RelaxedCell]
  private let supernet: DARTSRecurrentModel
  private let training: TextStream
  private let validation: TextStream
  private let states: [SplitPart: CarriedState]
  /// What the passes of the step at hand have left.
  private var left: [SplitPart: [Tensor]] = [:]
  private let key: RandomKey

  package init(
    _ supernet: DARTSRecurrentModel, on source: any TextSource, batchSize: Int,
    _ lengths: StretchLengths, clipsWithin: Bool, key: RandomKey
  ) {
    self.supernet = supernet
    self.clipsWithin = clipsWithin
    self.key = key
    training = TextStream(
      source.tokens(of: .training), batch: batchSize, lengths, key: key.child("training"))
    validation = TextStream(
      source.tokens(of: .validation), batch: batchSize, lengths, key: key.child("validation"))
    states = Dictionary(
      uniqueKeysWithValues: SplitPart.allCases.map {
        ($0, CarriedState($0.rawValue, of: supernet, batch: batchSize))
      })
    cells = supernet.alphas.trainable.map {
      RelaxedCell(
        name: "recurrent", alphas: $0, edges: DARTSRecurrent.edgeNames,
        operations: DARTSRecurrent.candidates)
    }
  }

  package var parameters: Parameters { supernet.parameters }
  package var alphas: Parameters { supernet.alphas }
  package var carried: [CarriedState] { SplitPart.allCases.compactMap { states[$0] } }

  package func place(_ index: Int) -> StreamPlace { training.place(index) }

  package var usualBatches: Int { training.usualCount }

  /// Where the validation text is read beside a stretch of the training text.
  private func validationStretch(_ index: Int) -> (start: Int, steps: Int) {
    let start = training.stretch(index).start % validation.columns.length
    return (start, min(training.lengths.steps, validation.columns.length - start))
  }

  package func validationExamples(_ index: Int) -> Int {
    validationStretch(index).steps * validation.columns.count
  }

  package func rateFactor(_ index: Int) -> Double {
    Double(training.stretch(index).steps) / Double(training.lengths.steps)
  }

  package func score(
    _ index: Int, of part: SplitPart, isWeightStep: Bool, on tape: Tape
  ) -> BatchScore {
    let stretch = training.stretch(index)
    let isTraining = part == .training
    let (start, steps) =
      isTraining ? (stretch.start, stretch.steps) : validationStretch(index)
    let scored = supernet.score(
      (isTraining ? training : validation).columns.batch(from: start, steps: steps),
      from: states[part]?.tensors(on: tape, isFresh: stretch.isFirst) ?? [], on: tape,
      during: TrainingPass(
        key: key.child("pass", index).child(part.rawValue), progress: 0,
        penalizes: isWeightStep))
    left[part] = scored.state
    return scored.score
  }

  package func finishStep() {
    for (part, state) in states { state.keep(left[part] ?? []) }
    left = [:]
  }

  package func price(examples: Int, on tape: Tape) {
    let batch = training.columns.count
    _ = supernet.score(
      .unwritten(batch: batch, steps: examples / batch),
      from: supernet.initialState(batch: batch, on: tape), on: tape,
      during: TrainingPass(key: RandomKey(seed: 0), progress: 0))
  }

  package func discretized(_ rows: [[[Double]]]) -> Architecture {
    DARTSRecurrent.discretized(rows[0])
  }
}
