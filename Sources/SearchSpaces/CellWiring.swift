/// What differs between the networks that the papers' codes stack from cells.
///
/// Common to all: a 3x3 stem of 3C filters, N normal cells of C channels, a reduction cell of 2C, N
/// of 2C, a reduction of 4C, N of 4C, global average pooling and a linear layer; each cell reads the
/// two outputs before it, brought to its channels, and at half the size behind a reduction by a
/// factorized reduction. Padding is the same on opposite sides, as in PyTorch, where TensorFlow
/// pads below and right alone at stride 2, and weights start as PyTorch's do, where the code of NASNet
/// and AmoebaNet scales them by the fan-out and ENAS' by the fan-in (He). An auxiliary head's linear
/// layer has a bias, which ENAS' code leaves out.
public struct CellWiring: Hashable, Sendable {
  /// What an identity of stride 2 is.
  public enum StridedSkip: Hashable, Sendable {
    /// ReLU, 1x1 convolution of stride 2, normalisation.
    case pointwise
    /// Two 1x1 convolutions of stride 2, one on the image shifted by a pixel, and normalisation.
    case reduction
    /// The same behind a ReLU.
    case rectifiedReduction
  }

  /// How a 1xk and a kx1 convolution follow each other, behind a ReLU.
  public enum ConvolutionPair: Hashable, Sendable {
    /// At once, and one normalisation.
    case normalizedOnce
    /// With normalisation and ReLU between them.
    case normalizedEach
    /// With normalisation and ReLU, between 1x1 convolutions to a part of the channels and back.
    case bottleneck(divisor: Int)
  }

  /// Which cell's output an auxiliary head reads.
  public enum AuxiliaryPlace: Hashable, Sendable {
    case beforeLastReduction
    case lastReduction
    case behindLastReduction
  }

  let stridedSkip: StridedSkip
  let pair: ConvolutionPair
  let auxiliaryPlace: AuxiliaryPlace
  /// Whether the older input gets its 1x1 convolution even where size and channels fit.
  let adaptsFittingInputs: Bool
  /// Whether the newer input gets a second 1x1 convolution where its channels do not fit.
  let adaptsNewerTwice: Bool
  /// Whether the last features are rectified before they are averaged.
  let rectifiesFeatures: Bool
  let classifierHasBias: Bool
  /// Whether drop-path spares identities even where they stride; else only those that do not.
  let sparesEverySkip: Bool

  /// Liu et al., arXiv 1806.09055, and the released code.
  public static let darts = CellWiring(
    stridedSkip: .rectifiedReduction, pair: .normalizedOnce, auxiliaryPlace: .lastReduction,
    adaptsFittingInputs: true, adaptsNewerTwice: false, rectifiesFeatures: false,
    classifierHasBias: true, sparesEverySkip: false)

  /// Pham et al., arXiv 1802.03268: `_fixed_layer` of the released `micro_child.py`.
  ///
  /// The auxiliary head is the one of the others, where that code averages after its last
  /// convolution and has no bias.
  public static let enas = CellWiring(
    stridedSkip: .reduction, pair: .normalizedEach, auxiliaryPlace: .behindLastReduction,
    adaptsFittingInputs: false, adaptsNewerTwice: true, rectifiesFeatures: true,
    classifierHasBias: false, sparesEverySkip: true)

  /// Zoph et al., arXiv 1707.07012, appendix A, and the released TF-slim code.
  ///
  /// Where that code hands the first cell the bare stem in place of the output that is missing, it
  /// is brought to the cell's channels here as everywhere else.
  public static let nasnet = CellWiring(
    stridedSkip: .pointwise, pair: .normalizedEach, auxiliaryPlace: .beforeLastReduction,
    adaptsFittingInputs: false, adaptsNewerTwice: false, rectifiesFeatures: true,
    classifierHasBias: true, sparesEverySkip: true)

  /// Real et al., arXiv 1802.01548, and the released TPU code: NASNet's, but for a bottleneck around
  /// the 1x7 and 7x1 convolutions.
  public static let amoebanet = CellWiring(
    stridedSkip: .pointwise, pair: .bottleneck(divisor: 4), auxiliaryPlace: .beforeLastReduction,
    adaptsFittingInputs: false, adaptsNewerTwice: false, rectifiesFeatures: true,
    classifierHasBias: true, sparesEverySkip: true)
}
