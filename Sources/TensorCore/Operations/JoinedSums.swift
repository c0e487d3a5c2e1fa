import CKernels
import Checks

/// Sums side by side along the channels that exist only while 1x1 convolutions of every pixel read
/// them: a strip at a time, rectified, forward and again backward.
struct JoinedSums {
  let sums: [[SumTerm]]
  /// Of all sums together.
  let shape: Shape
  private let factors: [[Storage?]]

  var requiresGradient: Bool { sums.joined().contains { $0.source.requiresGradient } }

  /// What the backward pass knows of a sum.
  struct Gradient {
    fileprivate let sum: Tensor
    fileprivate let termSums: [Storage]
    fileprivate let sinks: [(tensor: Tensor, accumulates: Bool)?]
  }

  /// Marks the terms as read.
  ///
  /// - Parameter sums: Terms of one batch, height and width, as `Tape.sum` takes them.
  init(_ sums: [[SumTerm]], on tape: Tape) {
    let shapes = sums.map { tape.read($0) }
    var shape = require(shapes.first, "joined sums: none")
    for sum in shapes {
      check(
        (sum.batch, sum.height, sum.width) == (shape.batch, shape.height, shape.width),
        "joined sums: shapes \(shape) and \(sum)")
    }
    shape.channels = shapes.reduce(0) { $0 + $1.channels }
    self.sums = sums
    self.shape = shape
    factors = sums.map { tape.factors(of: $0) }
  }

  /// Tells the terms of gradients that kernels will fill in.
  func gradients(on tape: Tape) -> [Gradient] {
    zip(sums, factors).map { terms, factors in
      let sums = terms.map { tape.scratch(2 * $0.shape.channels) }
      // The gradient of maps alone is that of their sum.
      if case .maps(let tensor) = terms[0].source, terms.count == 1, terms[0].factors == nil,
        let gradient = tensor.firstGradient(tape)
      {
        return Gradient(sum: gradient, termSums: sums, sinks: [nil])
      }
      let gradient = tape.empty(terms[0].shape, requiresGradient: false)
      return Gradient(
        sum: gradient, termSums: sums,
        sinks: tape.passOn(gradient, to: terms, factors, nil, sums))
    }
  }

  /// Hands the sums to a kernel.
  func run(
    in context: ComputeContext, gradients: [Gradient]? = nil,
    kernel: (inout ck_stage_input) -> Void
  ) {
    let rows = sums.map {
      Storage(count: 2 * $0.count * $0[0].shape.channels, arena: context.arena)
    }
    var launched: [[ck_term]] = []
    for index in sums.indices {
      var terms = context.terms(sums[index], factors[index], nil, rows[index].floats)
      if let gradient = gradients?[index] {
        for (term, source) in sums[index].enumerated() {
          terms[term].collect(
            source.source, gradient.termSums[term].floats, sink: gradient.sinks[term])
        }
      }
      launched.append(terms)
    }
    Array(launched.joined()).withUnsafeBufferPointer { terms in
      var first = 0
      let parts = sums.indices.map { index in
        defer { first += sums[index].count }
        return ck_sum(
          channels: Int32(sums[index][0].shape.channels), count: Int32(sums[index].count),
          terms: terms.baseAddress.map { $0 + first }, gradient: gradients?[index].sum.floats)
      }
      parts.withUnsafeBufferPointer { parts in
        var source = ck_stage_input()
        (source.parts, source.part) = (Int32(parts.count), parts.baseAddress)
        kernel(&source)
      }
    }
  }
}

extension Tensor {
  /// A gradient to be overwritten, where none has arrived and its pixels lie in a row.
  fileprivate func firstGradient(_ tape: Tape) -> Tensor? {
    guard requiresGradient, isPacked, gradient == nil else { return nil }
    let (sink, accumulates) = gradientSink(tape)
    return accumulates ? nil : sink
  }
}
