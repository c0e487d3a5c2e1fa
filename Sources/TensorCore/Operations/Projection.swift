import CKernels
import OperationCosts

extension Tape {
  /// Sums of terms, each rectified, under one 1x1 convolution, and its normalisation: what becomes
  /// of a cell's loose ends.
  ///
  /// Each sum brings its own slice of the filters, so that a cell whose loose ends change with
  /// every minibatch shares them. Nobody else reads the sums: they are made while they are in
  /// cache, forward and again backward, and never stored. The charge is that of sums, rectifiers,
  /// joining, convolution and normalisation.
  ///
  /// - Parameters:
  ///   - sums: Terms of one batch, height and width, as `sum` takes them.
  ///   - filters: For each sum of C channels, sizes `[1, 1, C, F]`.
  /// - Returns: Feature maps `[N, H, W, F]`.
  public func projection(
    of sums: [[SumTerm]], by filters: [Parameter], _ normalization: NormalizationState,
    of parameters: Parameters
  ) -> Normalized {
    let shapes = sums.map { read($0) }
    var shape = require(shapes.first, "projection: no sums")
    check(sums.count == filters.count, "projection: \(sums.count) sums")
    let count = filters[0].sizes.last ?? 0
    for (sum, filters) in zip(shapes, filters) {
      shape.channels = sum.channels
      check(
        sum == shape && filters.sizes == [1, 1, sum.channels, count],
        "projection: a sum \(sum) and filters \(filters.sizes) disagree")
    }
    shape.channels = count
    let isTrained = differentiates(parameters, filters + normalization.parameters)
    let isDifferentiated = sums.joined().contains { $0.source.requiresGradient }
    let output = Normalized(
      empty(shape, requiresGradient: false), normalization, parameters,
      isTrained: isTrained && normalization.scale != nil,
      requiresGradient: isTrained || isDifferentiated, on: self)
    charge(sums, output, isTrained: isTrained)
    let projection = Projection(
      sums: sums, factors: sums.map { factors(of: $0) }, filters: filters, parameters: parameters,
      output: output)
    compute { context in
      projection.run(in: context) { source, stage in
        if usesBatchStatistics { (stage.mean, stage.variance) = (output.mean, output.variance) }
        context.kernels.stages_forward(context.pool, &source, 1, &stage)
      }
      output.fold(in: context, usesBatch: usesBatchStatistics)
    }
    guard output.requiresGradient else { return output }
    record { [self] in
      pullBack(projection, isTrained: isTrained, isDifferentiated: isDifferentiated)
    }
    return output
  }

  private func pullBack(_ projection: Projection, isTrained: Bool, isDifferentiated: Bool) {
    let output = projection.output
    guard let arrival = output.arrival else { return }
    output.arrival = nil
    let coefficients = scratch(3 * output.shape.channels)
    let filterGradient = scratch(projection.depth * output.shape.channels)
    let gradients = zip(projection.sums, projection.factors).map { terms, factors in
      let (shape, sums) = (terms[0].shape, terms.map { scratch(2 * $0.shape.channels) })
      let gradient = empty(shape, requiresGradient: false)
      return Projection.Gradient(
        sum: gradient, termSums: sums, sinks: passOn(gradient, to: terms, factors, nil, sums))
    }
    compute { context in
      output.pullBack(arrival, coefficients: coefficients.floats)
      filterGradient.floats.update(repeating: 0, count: filterGradient.count)
      projection.run(in: context, gradients: isDifferentiated ? gradients : nil) { source, stage in
        stage.takeGradient(
          arrival, UnsafePointer(coefficients.floats), of: output.shape.channels)
        stage.dpointwise = isTrained ? filterGradient.floats : nil
        context.kernels.stages_backward(context.pool, &source, 1, &stage)
      }
      if isTrained { projection.addFilterGradient(filterGradient.floats) }
    }
  }

  private func charge(_ sums: [[SumTerm]], _ output: Normalized, isTrained: Bool) {
    guard isDry else { return }
    for terms in sums {
      chargeSum(terms, nil, terms[0].shape.count)
      chargeRectifier(
        of: terms[0].shape.count,
        isDifferentiated: terms.contains { $0.source.requiresGradient })
    }
    let (count, pixels) = (output.shape.count, output.shape.pixels)
    let channels = sums.reduce(0) { $0 + $1[0].shape.channels }
    let joining = LogicalOperation(.memoryBound, flops: 0, bytes: 8 * pixels * channels)
    let product = LogicalOperation(
      .pointwiseConvolution, flops: 2 * count * channels,
      bytes: 4 * (pixels * channels + channels * output.shape.channels + count))
    charge(joining)
    charge(product)
    if sums.joined().contains(where: { $0.source.requiresGradient }) {
      chargeBackward(joining)
      chargeBackward(product)
    }
    if isTrained { chargeBackward(product) }
    chargeNormalization(of: count, isDifferentiated: output.requiresGradient, rectified: false)
  }
}

/// A projection as the kernels take it.
private struct Projection {
  /// What the backward pass knows of a sum.
  struct Gradient {
    let sum: Tensor
    let termSums: [Storage]
    let sinks: [(tensor: Tensor, accumulates: Bool)?]
  }

  let sums: [[SumTerm]]
  let factors: [[Storage?]]
  let filters: [Parameter]
  let parameters: Parameters
  let output: Normalized

  /// Channels of all sums.
  var depth: Int { sums.reduce(0) { $0 + $1[0].shape.channels } }

  /// Hands the sums and the filters, joined, to a kernel.
  func run(
    in context: ComputeContext, gradients: [Gradient]? = nil,
    kernel: (inout ck_stage_input, inout ck_stage) -> Void
  ) {
    let count = output.shape.channels
    let joined = Storage(count: depth * count, arena: context.arena)
    var next = joined.floats
    for filter in filters {
      next.update(from: parameters.pointer(filter), count: filter.count)
      next += filter.count
    }
    let rows = sums.map {
      Storage(count: 2 * $0.count * $0[0].shape.channels, arena: context.arena)
    }
    var launched: [[ck_term]] = []
    for index in sums.indices {
      var terms = context.terms(sums[index], factors[index], nil, rows[index].floats)
      for (term, source) in sums[index].enumerated() where gradients != nil {
        guard let gradient = gradients?[index] else { continue }
        terms[term].collect(
          source.source, gradient.termSums[term].floats, sink: gradient.sinks[term])
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
        var stage = ck_stage()
        stage.g = Window(1).geometry(output.maps, output.maps, groups: 1)
        (stage.g.c, stage.pointwise) = (Int32(depth), UnsafePointer(joined.floats))
        stage.z = output.maps.floats
        context.countProjection(stage.g, isBackward: gradients != nil)
        kernel(&source, &stage)
      }
    }
  }

  /// Adds to the gradients of the filters what the kernels left for all of them joined.
  func addFilterGradient(_ joined: UnsafePointer<Float>) {
    var next = joined
    for filter in filters {
      let gradient = parameters.gradientPointer(filter)
      for index in 0..<filter.count { gradient[index] += next[index] }
      next += filter.count
    }
  }
}

extension ComputeContext {
  /// Counts the products of a projection; backward, those of the gradients of input and filters.
  fileprivate func countProjection(_ g: ck_conv, isBackward: Bool) {
    let (rows, depth, columns) = (Int(g.n * g.oh * g.ow), Int(g.c), Int(g.f))
    let lanes = Int(kernels.lanes)
    counters.count(rows: rows, depth: depth, columns: columns, lanes: lanes)
    if isBackward { counters.count(rows: rows, depth: columns, columns: depth, lanes: lanes) }
  }
}
