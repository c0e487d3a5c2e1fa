import CKernels
import Checks
import OperationCosts

/// The layer that turns hidden states into scores of all words.
public struct WordDecoder {
  /// Sizes `[hidden, words]`, or those of an embedding that it is tied to, `[words, hidden]`.
  public let weights: Parameter
  /// Whether the weights are an embedding's (Press & Wolf 2017, arXiv 1608.05859; Inan et al. 2017,
  /// arXiv 1611.01462).
  public let isTied: Bool
  /// Sizes `[words]`.
  public let bias: Parameter

  public init(weights: Parameter, isTied: Bool, bias: Parameter) {
    self.weights = weights
    self.isTied = isTied
    self.bias = bias
  }

  var hidden: Int { weights.sizes[isTied ? 1 : 0] }
  var words: Int { weights.sizes[isTied ? 0 : 1] }
}

extension Tape {
  /// Predicts the next word at every position and scores it; on a training tape, also computes the
  /// gradient of the mean loss.
  ///
  /// Strip by strip of positions: product, softmax, loss and all gradients follow each other while
  /// the strip's scores are in cache, so that the scores of all positions are never in memory at
  /// once. Gradients of the weights are added here and not by `backward`: clear them before.
  ///
  /// - Parameters:
  ///   - hidden: A matrix `[positions, hidden]`.
  ///   - targets: The word that follows each position; empty on a dry tape.
  ///   - weight: Factor of the loss in the gradient: the number of time steps where it is summed
  ///     over them and averaged over the sequences.
  /// - Returns: Mean cross-entropy in nats, and how many positions have another word on top.
  public func scoreWords(
    _ hidden: Tensor, _ decoder: WordDecoder, targets: [Int32], weight: Float = 1,
    of parameters: Parameters
  ) -> BatchScore {
    let rows = hidden.shape.batch
    check(
      hidden.shape.channels == decoder.hidden && hidden.isPacked,
      "scoreWords: hidden \(hidden.shape) and weights \(decoder.weights.sizes) disagree")
    check(isDry || targets.count == rows, "scoreWords: \(targets.count) targets for \(rows) rows")
    check(
      targets.allSatisfy { $0 >= 0 && $0 < decoder.words },
      "scoreWords: a target outside 0..<\(decoder.words)")
    chargeWordScores(
      hidden, decoder, isTrained: differentiates(parameters, [decoder.weights, decoder.bias]))
    let pass = WordScoring(hidden, decoder, targets, weight, of: parameters, on: self)
    compute { pass.run($0) }
    return pass.score
  }

  private func chargeWordScores(_ hidden: Tensor, _ decoder: WordDecoder, isTrained: Bool) {
    let (rows, width, words) = (hidden.shape.batch, decoder.hidden, decoder.words)
    let product = LogicalOperation(
      .matrixProduct, flops: 2 * rows * width * words,
      bytes: 4 * (rows * width + width * words + rows * words))
    // As `softmaxCrossEntropy` has it.
    let loss = LogicalOperation(.memoryBound, flops: 5 * rows * words, bytes: 8 * rows * words)
    for cost in [product, loss] { charge(cost) }
    if hidden.requiresGradient { chargeBackward(product) }
    if isTrained { chargeBackward(product) }
    chargeBackward(loss)
  }
}

/// One pass over the strips.
private final class WordScoring {
  /// Positions of a strip: its scores of 10,000 words take 10 MB.
  static let stripRows = 256

  private(set) var score: BatchScore
  private let hidden: Tensor
  private let decoder: WordDecoder
  private let targets: [Int32]
  private let weight: Float
  private let parameters: Parameters
  private let tape: Tape
  private let strip: Storage
  private let sink: (tensor: Tensor, accumulates: Bool)?
  private let isTrained: Bool

  init(
    _ hidden: Tensor, _ decoder: WordDecoder, _ targets: [Int32], _ weight: Float,
    of parameters: Parameters, on tape: Tape
  ) {
    (self.hidden, self.decoder, self.targets) = (hidden, decoder, targets)
    (self.weight, self.parameters, self.tape) = (weight, parameters, tape)
    score = BatchScore(loss: 0, wrong: 0, count: hidden.shape.batch)
    strip = tape.scratch(min(Self.stripRows, hidden.shape.batch) * decoder.words)
    sink = tape.isTraining && hidden.requiresGradient ? hidden.gradientSink(tape) : nil
    isTrained = tape.isTraining && tape.differentiates(parameters)
  }

  func run(_ context: ComputeContext) {
    let (rows, words, width) = (hidden.shape.batch, decoder.words, decoder.hidden)
    let matrix = parameters.pointer(decoder.weights)
    let scores = PackedMatrix(
      matrix, rows: width, columns: words, isTransposed: decoder.isTied, on: tape, in: context)
    // What is read across its rows is packed once for all strips.
    let back =
      decoder.isTied || sink == nil
      ? nil
      : PackedMatrix(
        matrix, rows: words, columns: width, isTransposed: true, on: tape, in: context)
    var losses = [Float](repeating: 0, count: rows)
    var correct = [UInt8](repeating: 0, count: rows)
    for start in stride(from: 0, to: rows, by: Self.stripRows) {
      let count = min(Self.stripRows, rows - start)
      let input = hidden.floats + start * width
      scores.multiply(
        context, m: count, a: input, lda: width, bias: parameters.pointer(decoder.bias),
        c: strip.floats, ldc: words, accumulates: false)
      scoreStrip(context, start, count, &losses, &correct)
      if let sink {
        let target = sink.tensor.floats + start * width
        if let back {
          back.multiply(
            context, m: count, a: strip.floats, lda: words, c: target, ldc: width,
            accumulates: sink.accumulates)
        } else {
          context.matmul(
            m: count, n: width, k: words, a: strip.floats, lda: words, b: matrix, ldb: width,
            transposedB: false, c: target, ldc: width, accumulates: sink.accumulates)
        }
      }
      if isTrained { addWeightGradients(context, input, count) }
    }
    // In order, in double precision: the same for any number of threads.
    let total = losses.reduce(0.0) { $0 + Double($1) }
    let right = correct.reduce(0) { $0 + Int($1) }
    score = BatchScore(loss: total / Double(rows), wrong: rows - right, count: rows)
  }

  private func scoreStrip(
    _ context: ComputeContext, _ start: Int, _ count: Int, _ losses: inout [Float],
    _ correct: inout [UInt8]
  ) {
    let scale = weight / Float(hidden.shape.batch)
    losses.withUnsafeMutableBufferPointer { losses in
      correct.withUnsafeMutableBufferPointer { correct in
        targets.withUnsafeBufferPointer { targets in
          guard let loss = losses.baseAddress, let correct = correct.baseAddress,
            let labels = targets.baseAddress
          else { return }
          context.kernels.softmax_cross_entropy(
            context.pool, Int32(count), Int32(decoder.words), strip.floats, labels + start, 0,
            scale, loss + start, correct + start, tape.isTraining ? strip.floats : nil)
        }
      }
    }
  }

  private func addWeightGradients(
    _ context: ComputeContext, _ input: UnsafePointer<Float>, _ count: Int
  ) {
    let (words, width) = (decoder.words, decoder.hidden)
    let (target, accumulates) = parameters.gradientSink(decoder.weights)
    let (left, right) =
      decoder.isTied
      ? (UnsafePointer(strip.floats), input)
      : (input, UnsafePointer(strip.floats))
    let (rows, columns) = decoder.isTied ? (words, width) : (width, words)
    context.matmulTransposed(
      m: count, n: columns, k: rows, a: left, lda: rows, b: right, ldb: columns, c: target,
      ldc: columns, accumulates: accumulates)
    context.kernels.bias_gradient(
      context.pool, Int32(count), Int32(words), strip.floats, Int32(words),
      parameters.gradientPointer(decoder.bias))
  }
}
