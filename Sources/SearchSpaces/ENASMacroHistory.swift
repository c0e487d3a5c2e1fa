import NeuralNetworks
import TensorCore

/// The outputs of the stem and of the layers so far, which later layers read at their own size.
///
/// Where the size halves, every output that is still read goes through a factorized reduction of
/// its own; one that nobody reads any more is left alone.
struct ENASMacroHistory {
  /// Halves an output: two 1x1 convolutions of stride 2 side by side, the second on the image
  /// shifted by one pixel, and batch normalisation; no ReLU, unlike in the micro space.
  ///
  /// Source: Pham et al., arXiv 1802.03268, `general_child.py` of the released code.
  struct Reduction {
    private let even: Convolution
    private let odd: Convolution
    private let normalization: BatchNormalization

    init(_ name: String, from channels: Int, to count: Int, in parameters: Parameters) {
      even = Convolution(
        "\(name).even", from: channels, to: count / 2, window: Window(1, stride: 2),
        in: parameters)
      odd = Convolution(
        "\(name).odd", from: channels, to: count - count / 2,
        window: Window(1, stride: 2, padding: -1), in: parameters)
      normalization = BatchNormalization("\(name).bn", channels: count, in: parameters)
    }

    func callAsFunction(_ input: Tensor, on tape: Tape) -> Tensor {
      normalization(
        tape.concatenate([even(input, on: tape), odd(input, on: tape)]), on: tape)
    }
  }

  /// Which output goes through a reduction, and how often it was halved before.
  struct Place: Hashable {
    let output: Int
    let halvings: Int
  }

  private let space: ENASMacro
  /// The reductions that can be needed.
  private let reductions: [Place: Reduction]
  /// For each output, what it is at its own size and behind each halving so far.
  private var sizes: [[Tensor]]

  /// Begins with the stem's output.
  init(_ stem: Tensor, of space: ENASMacro, reductions: [Place: Reduction]) {
    self.space = space
    self.reductions = reductions
    sizes = [[stem]]
  }

  /// Adds the next layer's output.
  mutating func append(_ output: Tensor) { sizes.append([output]) }

  /// An output at the size that a layer reads.
  mutating func read(_ output: Int, by layer: Int, on tape: Tape) -> Tensor {
    let own = Self.halvings(of: output, in: space)
    let wanted = space.halvings(before: layer) - own
    while sizes[output].count <= wanted, let last = sizes[output].last,
      let reduction = reductions[Place(output: output, halvings: own + sizes[output].count - 1)]
    { sizes[output].append(reduction(last, on: tape)) }
    return sizes[output][min(wanted, sizes[output].count - 1)]
  }

  /// How often an output was halved where it is made.
  static func halvings(of output: Int, in space: ENASMacro) -> Int {
    output == 0 ? 0 : space.halvings(before: output - 1)
  }

  /// The reductions behind which a layer reads an output.
  static func places(of output: Int, readBy layer: Int, in space: ENASMacro) -> [Place] {
    (halvings(of: output, in: space)..<space.halvings(before: layer)).map {
      Place(output: output, halvings: $0)
    }
  }
}
