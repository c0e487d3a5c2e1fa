import Checks
import OperationCosts
import Randomness

/// How logits become probabilities.
public struct ChoiceTemper: Hashable, Sendable {
  /// The logits are divided by it; 1 for none (ENAS: 5 in the paper, none in the code).
  public var temperature: Double
  /// c in c · tanh(logit), which keeps a policy from becoming certain; `nil` for none (Bello et
  /// al. 2017, arXiv 1611.09940).
  public var tanhConstant: Double?
  /// Added at last, a number an option, and never learnt; empty for none.
  public var preferences: [Double]

  public init(
    temperature: Double = 1, tanhConstant: Double? = nil, preferences: [Double] = []
  ) {
    self.temperature = temperature
    self.tanhConstant = tanhConstant
    self.preferences = preferences
  }

  /// The tempered logit and its derivative by the logit; without preferences.
  func apply(_ logit: Double) -> (value: Double, slope: Double) {
    let scaled = logit / temperature
    guard let tanhConstant else { return (scaled, 1 / temperature) }
    let tangent = hyperbolicTangent(scaled)
    return (tanhConstant * tangent, tanhConstant * (1 - tangent * tangent) / temperature)
  }

  /// The tempered logit of an option.
  func apply(_ logit: Double, option: Int) -> (value: Double, slope: Double) {
    let (value, slope) = apply(logit)
    return (preferences.isEmpty ? value : value + preferences[option], slope)
  }
}

/// tanh by the portable exponential; policies are too small for kernels.
func hyperbolicTangent(_ value: Double) -> Double {
  let power = PortableMath.exp(-2 * value.magnitude)
  let tangent = (1 - power) / (1 + power)
  return value < 0 ? -tangent : tangent
}

/// What a policy says of one choice in each of several sequences.
public final class ChoiceScores {
  /// Natural logarithm of the probability of each sequence's choice.
  public let logProbabilities: [Double]
  /// Entropy of the policy at this choice in each sequence, in nats.
  public let entropies: [Double]
  /// -p log p of each sequence's choice alone.
  public let choiceEntropies: [Double]
  private let logits: Tensor
  private let tape: Tape
  // For each logit: probability, its logarithm, and the slope of the tempering.
  private let details: [[(probability: Double, logarithm: Double, slope: Double)]]
  private let choices: [Int]

  fileprivate init(_ logits: Tensor, _ choices: [Int], _ temper: ChoiceTemper, on tape: Tape) {
    self.logits = logits
    self.tape = tape
    self.choices = choices
    details = tape.isDry ? [] : ChoiceScores.distributions(of: logits, temper)
    logProbabilities = zip(details, choices).map { $0[$1].logarithm }
    choiceEntropies = zip(details, choices).map { -$0[$1].probability * $0[$1].logarithm }
    entropies = details.map { row in
      row.reduce(0) { $0 - $1.probability * $1.logarithm }
    }
  }

  static func distributions(of logits: Tensor, _ temper: ChoiceTemper) -> [[(
    probability: Double, logarithm: Double, slope: Double
  )]] {
    let values = logits.values()
    let options = logits.shape.channels
    return (0..<logits.shape.batch).map { row in
      let tempered = (0..<options).map {
        temper.apply(Double(values[row * options + $0]), option: $0)
      }
      let largest = tempered.map { $0.value }.max() ?? 0
      let total = tempered.reduce(0) { $0 + PortableMath.exp($1.value - largest) }
      let normalizer = largest + PortableMath.log(total)
      return tempered.map {
        (PortableMath.exp($0.value - normalizer), $0.value - normalizer, $0.slope)
      }
    }
  }

  /// Seeds the gradient of a loss, before the tape is played backwards; once.
  ///
  /// - Parameters:
  ///   - logProbability: The loss's derivative by each sequence's log-probability.
  ///   - entropy: Its derivative by each sequence's entropy.
  public func seed(logProbability: [Double], entropy: [Double]) {
    check(
      logProbability.count == choices.count && entropy.count == choices.count,
      "seed: \(logProbability.count) and \(entropy.count) derivatives of \(choices.count) choices")
    let options = logits.shape.channels
    let (sink, accumulates) = logits.gradientSink(tape)
    for (row, choice) in choices.enumerated() {
      for (option, detail) in details[row].enumerated() {
        let byLog = (option == choice ? 1 : 0) - detail.probability
        // d(-Σ p log p)/dz = -p (log p + H).
        let byEntropy = -detail.probability * (detail.logarithm + entropies[row])
        let slope = detail.slope * (logProbability[row] * byLog + entropy[row] * byEntropy)
        let place = row * options + option
        sink.floats[place] = (accumulates ? sink.floats[place] : 0) + Float(slope)
      }
    }
  }
}

extension Tape {
  /// Scores the choices of several sequences at one decision of a policy.
  ///
  /// Policies are small: this computes in double precision. Charged 10 operations a logit.
  ///
  /// - Parameters:
  ///   - logits: A matrix `[sequences, options]`.
  ///   - choices: An option for each sequence; empty on a dry tape.
  public func scoreChoices(
    _ logits: Tensor, choices: [Int], temper: ChoiceTemper = ChoiceTemper()
  ) -> ChoiceScores {
    check(
      (isDry || choices.count == logits.shape.batch) && logits.isPacked
        && choices.allSatisfy { $0 >= 0 && $0 < logits.shape.channels },
      "scoreChoices: \(choices) of logits \(logits.shape)")
    chargeChoices(logits)
    return ChoiceScores(logits, choices, temper, on: self)
  }

  /// The probabilities of the options for each sequence; nothing on a dry tape.
  public func choiceProbabilities(
    _ logits: Tensor, temper: ChoiceTemper = ChoiceTemper()
  ) -> [[Double]] {
    chargeChoices(logits)
    guard !isDry else { return [] }
    return ChoiceScores.distributions(of: logits, temper).map { $0.map { $0.probability } }
  }

  private func chargeChoices(_ logits: Tensor) {
    let cost = LogicalOperation(
      .memoryBound, flops: 10 * logits.shape.count, bytes: 8 * logits.shape.count)
    charge(cost)
    if logits.requiresGradient { chargeBackward(cost) }
  }

  /// Copies some rows of a matrix; the gradient flows back to them.
  public func rows(_ range: Range<Int>, of input: Tensor) -> Tensor {
    let width = input.shape.channels
    check(
      range.lowerBound >= 0 && range.upperBound <= input.shape.batch && !range.isEmpty
        && input.isPacked,
      "rows: \(range) of \(input.shape)")
    let output = empty(
      Shape(rows: range.count, columns: width), requiresGradient: input.requiresGradient)
    let (start, count) = (range.lowerBound * width, range.count * width)
    compute { _ in output.floats.update(from: input.floats + start, count: count) }
    record(output) { [self] gradient in
      let (sink, accumulates) = input.gradientSink(self)
      if !accumulates { fill(sink, with: 0) }
      compute { _ in
        for index in 0..<count { sink.floats[start + index] += gradient.floats[index] }
      }
    }
    return output
  }

  /// Scores each of some earlier states as a companion of the current one: vᵀ tanh(a + b).
  ///
  /// The attention of the skip connections of Zoph & Le, arXiv 1611.01578, section 3.3: with
  /// a = W_prev h_j and b = W_curr h_i.
  ///
  /// - Parameters:
  ///   - earlier: Matrices `[sequences, width]`, already multiplied by W_prev; at least one.
  ///   - current: A matrix `[sequences, width]`, already multiplied by W_curr.
  ///   - direction: v, sizes `[width]`.
  /// - Returns: A matrix `[sequences, earlier]`.
  public func attentionScores(
    earlier: [Tensor], current: Tensor, direction: Parameter, of parameters: Parameters
  ) -> Tensor {
    let (sequences, width) = (current.shape.batch, current.shape.channels)
    check(
      !earlier.isEmpty && direction.sizes == [width]
        && earlier.allSatisfy { $0.shape == current.shape && $0.isPacked } && current.isPacked,
      "attentionScores: \(earlier.map { $0.shape }) and \(current.shape) disagree")
    let count = earlier.count
    let output = empty(Shape(rows: sequences, columns: count), requiresGradient: true)
    // A sum, a tanh of about 5 operations and a multiply-add for each unit.
    let cost = LogicalOperation(
      .memoryBound, flops: 8 * sequences * count * width,
      bytes: 4 * sequences * ((count + 1) * width + count))
    charge(cost)
    chargeBackward(cost)
    compute { _ in
      let v = parameters.pointer(direction)
      for row in 0..<sequences {
        for (column, state) in earlier.enumerated() {
          var score = 0.0
          for unit in row * width..<(row + 1) * width {
            let sum = Double(state.floats[unit]) + Double(current.floats[unit])
            score += Double(v[unit - row * width]) * hyperbolicTangent(sum)
          }
          output.floats[row * count + column] = Float(score)
        }
      }
    }
    record(output) { [self] gradient in
      let sinks = (earlier + [current]).map { input in
        let (sink, accumulates) = input.gradientSink(self)
        if !accumulates { fill(sink, with: 0) }
        return sink
      }
      compute { _ in
        let (v, dv) = (parameters.pointer(direction), parameters.gradientPointer(direction))
        for row in 0..<sequences {
          for (column, state) in earlier.enumerated() {
            let slope = Double(gradient.floats[row * count + column])
            for unit in row * width..<(row + 1) * width {
              let sum = Double(state.floats[unit]) + Double(current.floats[unit])
              let tangent = hyperbolicTangent(sum)
              dv[unit - row * width] += Float(slope * tangent)
              let inner = Float(
                slope * Double(v[unit - row * width]) * (1 - tangent * tangent))
              sinks[column].floats[unit] += inner
              sinks[count].floats[unit] += inner
            }
          }
        }
      }
    }
    return output
  }
}
