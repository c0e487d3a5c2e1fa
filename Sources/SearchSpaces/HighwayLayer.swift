import Checks
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

extension RecurrentLanguageModel.Place {
  /// Declares a matrix of a layer's cell, uniform in ±0.04 as released unless the recipe has a bound
  /// for all.
  func declare(
    _ name: String, _ sizes: [Int], _ training: TextTraining, _ parameters: Parameters
  ) -> Parameter {
    check(
      training.weightDropout == 0,
      "\(name): weight dropout is \(training.weightDropout); cells of search spaces have none")
    return parameters.declare(
      "rnns.\(index).\(name)", sizes, training.initializer(or: .uniform(bound: 0.04)))
  }
}

extension RecurrentCellWeights {
  /// Declares the weights of a layer's cell.
  init(
    nodes: Int, _ place: RecurrentLanguageModel.Place, _ training: TextTraining,
    _ parameters: Parameters
  ) {
    let columns = 2 * place.units
    self.init(
      initial: place.declare(
        "w0", [place.inputs + place.units, columns], training, parameters),
      nodes: (0..<nodes).map {
        place.declare("ws.\($0)", [place.units, columns], training, parameters)
      })
  }
}
