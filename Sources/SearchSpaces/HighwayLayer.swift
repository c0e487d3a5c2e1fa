import NeuralNetworks
import Randomness
import SearchCore
import TensorCore

/// A recurrent layer of highway edges: the cells of ENAS and DARTS.
///
/// One mask of the hidden state serves all nodes and all time steps, as in the released codes.
struct HighwayLayer: RecurrentLayer {
  let units: Int
  let stateCount = 1
  let weights: RecurrentCellWeights
  let hiddenDropout: Double
  let parameters: Parameters
  /// The cell, which may be a mixture that lies on the tape.
  let wiring: (Tape) -> RecurrentWiring

  func run(
    _ input: Tensor, from state: [Tensor], on tape: Tape, during pass: TrainingPass?
  ) -> (output: Tensor, state: [Tensor]) {
    let (output, last) = tape.recurrentCell(
      input, from: state[0],
      mask: tape.hiddenMask(like: state[0], share: hiddenDropout, during: pass), weights,
      wiring: wiring(tape), of: parameters)
    return (output, [last])
  }
}

extension Tape {
  /// One mask of a hidden state for all time steps; ones where nothing drops out.
  func hiddenMask(like state: Tensor, share: Double, during pass: TrainingPass?) -> Tensor {
    dropoutMask(
      state.shape, keep: pass == nil ? 1 : Float(1 - share),
      key: pass?.key.child("hidden") ?? RandomKey(seed: 0))
  }
}

extension RecurrentCellWeights {
  /// Declares the weights of a layer's cell, uniform in ±0.04 as released unless the recipe has a
  /// bound for all.
  init(
    nodes: Int, _ place: RecurrentLanguageModel.Place, _ training: TextTraining,
    _ parameters: Parameters
  ) {
    func declare(_ name: String, _ rows: Int) -> Parameter {
      parameters.declare(
        "rnns.\(place.index).\(name)", [rows, 2 * place.units],
        training.initializer(or: .uniform(bound: 0.04)))
    }
    self.init(
      initial: declare("w0", place.inputs + place.units),
      nodes: (0..<nodes).map { declare("ws.\($0)", place.units) })
  }
}
