import CKernels
import Checks
import OperationCosts

/// One term of `Tape.sum`.
public struct SumTerm {
  let source: StageInput
  let factors: [Float]?

  /// Shape of the maps, `[N, H, W, C]`.
  public var shape: Shape { source.shape }

  /// Feature maps, each image times a factor if there are any: drop-path's mask of 0 and 1 / keep.
  public init(_ source: StageInput, factors: [Float]? = nil) {
    self.source = source
    self.factors = factors
  }

  /// Feature maps as they are.
  public static func maps(_ tensor: Tensor, factors: [Float]? = nil) -> SumTerm {
    SumTerm(.maps(tensor), factors: factors)
  }

  /// Feature maps whose normalisation is applied on the way.
  public static func normalized(_ maps: Normalized, factors: [Float]? = nil) -> SumTerm {
    SumTerm(.normalized(maps), factors: factors)
  }
}

extension Tape {
  /// Adds feature maps in one pass, with their normalisations, drop-path factors and weights.
  ///
  /// What a node of a cell is: the sum of two operations, or with weights the mixed operations of
  /// DARTS on all its edges. Nothing between the operations and the sum is stored. The charge is
  /// that of the parts: `scaleImages` for factors, `weightedSum` with weights, else `add`.
  ///
  /// - Parameters:
  ///   - terms: Feature maps of one shape `[N, H, W, C]`.
  ///   - weights: One a term, shape `[1, 1, 1, terms]`: `Tape.softmaxRows`, sliced.
  ///   - output: Where the sum goes: a slice of `Tape.joint`. By default a tensor of its own.
  /// - Returns: Σ weight · factor · term.
  ///
  /// Source: Liu et al., arXiv 1806.09055, Eq. 2.
  public func sum(_ terms: [SumTerm], weights: Tensor? = nil, into output: Tensor? = nil) -> Tensor
  {
    let shape = read(terms)
    check(
      weights.map { $0.shape == Shape(rows: 1, columns: terms.count) } ?? true,
      "sum: \(terms.count) terms and weights \(weights?.shape ?? shape)")
    let requiresGradient =
      weights?.requiresGradient ?? false || terms.contains { $0.source.requiresGradient }
    let output = output ?? empty(shape, requiresGradient: requiresGradient)
    check(output.shape == shape, "sum: a sum \(shape) into \(output.shape)")
    chargeSum(terms, weights, shape.count)
    let factors = factors(of: terms)
    compute { context in
      let rows = scratch(2 * terms.count * shape.channels)
      let launched = context.terms(terms, factors, weights, rows.floats)
      context.kernels.sum_terms(
        context.pool, Int32(shape.batch), Int32(shape.height * shape.width),
        Int32(shape.channels), Int32(launched.count), launched, output.floats,
        Int32(output.pixelStride))
    }
    record(output) { [self] gradient in
      pullBack(terms, factors, weights, gradient)
    }
    return output
  }

  /// A tensor whose slices operations fill, in place of joining their outputs: `sum(into:)`.
  ///
  /// Charged as `concatenate` is. Every slice has to be written.
  public func joint(_ shape: Shape) -> Tensor {
    let output = empty(shape, requiresGradient: isTraining)
    chargeJoining(of: output.shape.count, isDifferentiated: isTraining)
    return output
  }

  /// Marks the terms of a sum as read, and returns their shape.
  func read(_ terms: [SumTerm]) -> Shape {
    let shape = require(terms.first, "sum: no terms").shape
    for term in terms {
      check(
        term.shape == shape && term.factors?.count ?? shape.batch == shape.batch,
        "sum: shapes \(shape) and \(term.shape), \(term.factors?.count ?? 0) factors")
      if case .normalized(let normalized) = term.source { normalized.markRead() }
    }
    return shape
  }

  /// The terms' factors where kernels find them.
  func factors(of terms: [SumTerm]) -> [Storage?] {
    terms.map { term in
      term.factors.map { factors in
        let storage = scratch(factors.count)
        compute { _ in storage.floats.update(from: factors, count: factors.count) }
        return storage
      }
    }
  }

  func chargeSum(_ terms: [SumTerm], _ weights: Tensor?, _ count: Int) {
    guard isDry else { return }
    for term in terms where term.factors != nil {
      let cost = LogicalOperation(.memoryBound, flops: count, bytes: 8 * count)
      charge(cost)
      if term.source.requiresGradient { chargeBackward(cost) }
    }
    guard let weights else {
      for _ in terms.dropFirst() {
        charge(LogicalOperation(.memoryBound, flops: count, bytes: 12 * count))
      }
      return
    }
    chargeWeightedSum(
      areDifferentiated: terms.map { $0.source.requiresGradient },
      weights: weights.requiresGradient, count)
  }

  private func pullBack(
    _ terms: [SumTerm], _ factors: [Storage?], _ weights: Tensor?, _ gradient: Tensor
  ) {
    let channels = gradient.shape.channels
    let wantsWeights = weights?.requiresGradient ?? false
    let weightSink = wantsWeights ? weights?.gradientSink(self).tensor : nil
    let sums = terms.map { _ in scratch(2 * channels) }
    let sinks = passOn(gradient, to: terms, factors, weights, sums)
    compute { context in
      let rows = scratch(2 * terms.count * channels)
      var launched = context.terms(terms, factors, weights, rows.floats)
      for (index, term) in terms.enumerated() {
        launched[index].collect(
          term.source, sums[index].floats, wantsWeight: wantsWeights, sink: sinks[index])
      }
      context.kernels.terms_backward(
        context.pool, Int32(gradient.shape.batch),
        Int32(gradient.shape.height * gradient.shape.width), Int32(channels),
        Int32(launched.count), launched, gradient.floats, Int32(gradient.pixelStride))
      guard let weightSink else { return }
      for (index, term) in terms.enumerated() {
        weightSink.floats[index] += term.source.innerProduct(sums[index].floats)
      }
    }
  }
}

extension Tape {
  /// Tells normalised terms that have no other reader of the gradient of their sum; of the others
  /// returns where theirs go.
  func passOn(
    _ gradient: Tensor, to terms: [SumTerm], _ factors: [Storage?], _ weights: Tensor?,
    _ sums: [Storage]
  ) -> [(tensor: Tensor, accumulates: Bool)?] {
    terms.enumerated().map { index, term in
      switch term.source {
      case .maps(let tensor): return tensor.requiresGradient ? tensor.gradientSink(self) : nil
      case .normalized(let normalized) where normalized.requiresGradient:
        var weight: Float = 1
        compute { _ in weight = weights?.floats[index] ?? 1 }
        if normalized.readers > 1 {
          return normalized.gradientSink(self, sums: sums[index], weight: weight)
        }
        normalized.arrival = Normalized.Arrival(
          gradient: gradient, factors: factors[index], weight: weight,
          sums: [(sums[index], weight)])
        return nil
      case .normalized: return nil
      }
    }
  }
}

extension StageInput {
  /// ⟨d, y⟩ of the normalised maps y from Σ d and Σ d (x - mean), or from Σ d x of maps.
  fileprivate func innerProduct(_ sums: UnsafePointer<Float>) -> Float {
    let channels = shape.channels
    guard case .normalized(let normalized) = self else {
      return (0..<channels).reduce(0) { $0 + sums[channels + $1] }
    }
    return (0..<channels).reduce(0) { total, channel in
      let scale = normalized.scale[channel]
      let center = normalized.shift[channel] + scale * normalized.mean[channel]
      return total + (scale * sums[channels + channel] + center * sums[channel])
    }
  }
}

extension ck_term {
  /// Asks for what the backward pass needs of this term.
  mutating func collect(
    _ source: StageInput, _ sums: UnsafeMutablePointer<Float>, wantsWeight: Bool = false,
    sink: (tensor: Tensor, accumulates: Bool)?
  ) {
    if case .normalized(let normalized) = source, wantsWeight || normalized.requiresGradient {
      (mean, sum) = (UnsafePointer(normalized.mean), sums)
      product = sums + source.shape.channels
    } else if wantsWeight {
      product = sums + source.shape.channels
    }
    dx = sink?.tensor.floats
    lddx = Int32(sink?.tensor.pixelStride ?? 0)
    accumulate = sink?.accumulates ?? false ? 1 : 0
  }
}

extension ComputeContext {
  /// Terms as the kernels take them; `rows` gets each one's scale and shift.
  func terms(
    _ terms: [SumTerm], _ factors: [Storage?], _ weights: Tensor?,
    _ rows: UnsafeMutablePointer<Float>
  ) -> [ck_term] {
    terms.enumerated().map { index, term in
      let channels = term.source.shape.channels
      let (scale, shift) = (rows + 2 * index * channels, rows + (2 * index + 1) * channels)
      let weight = weights?.floats[index] ?? 1
      var launched = ck_term()
      launched.weight = weight
      for channel in 0..<channels {
        switch term.source {
        case .maps: (scale[channel], shift[channel]) = (weight, 0)
        case .normalized(let normalized):
          scale[channel] = weight * normalized.scale[channel]
          shift[channel] = weight * normalized.shift[channel]
        }
      }
      launched.x = UnsafePointer(term.source.maps.floats)
      launched.ldx = Int32(term.source.maps.pixelStride)
      (launched.scale, launched.shift) = (UnsafePointer(scale), UnsafePointer(shift))
      launched.factors = factors[index].map { UnsafePointer($0.floats) }
      return launched
    }
  }
}
