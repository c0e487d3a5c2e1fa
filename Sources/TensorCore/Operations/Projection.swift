import CKernels
import Checks
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
    let joined = JoinedSums(sums, on: self)
    check(sums.count == filters.count, "projection: \(sums.count) sums")
    let count = filters[0].sizes.last ?? 0
    for (terms, filters) in zip(sums, filters) {
      check(
        filters.sizes == [1, 1, terms[0].shape.channels, count],
        "projection: a sum \(terms[0].shape) and filters \(filters.sizes) disagree")
    }
    var shape = joined.shape
    shape.channels = count
    let isTrained = differentiates(parameters, filters + normalization.parameters)
    let output = Normalized(
      empty(shape, requiresGradient: false), normalization, parameters,
      isTrained: isTrained && normalization.scale != nil,
      requiresGradient: isTrained || joined.requiresGradient, on: self)
    charge(sums, output, isTrained: isTrained)
    let projection = Projection(
      sums: joined, filters: filters, parameters: parameters, output: output)
    compute { context in
      projection.run(in: context) { source, stage in
        if usesBatchStatistics { (stage.mean, stage.variance) = (output.mean, output.variance) }
        context.kernels.stages_forward(context.pool, &source, 1, &stage)
      }
      output.fold(in: context, usesBatch: usesBatchStatistics)
    }
    guard output.requiresGradient else { return output }
    record { [self] in pullBack(projection, isTrained: isTrained) }
    return output
  }

  private func pullBack(_ projection: Projection, isTrained: Bool) {
    let output = projection.output
    guard let arrival = output.arrival else { return }
    output.arrival = nil
    let coefficients = scratch(3 * output.shape.channels)
    let filterGradient = scratch(projection.sums.shape.channels * output.shape.channels)
    let gradients = projection.sums.requiresGradient ? projection.sums.gradients(on: self) : nil
    compute { context in
      output.pullBack(arrival, coefficients: coefficients.floats)
      filterGradient.floats.update(repeating: 0, count: filterGradient.count)
      projection.run(in: context, gradients: gradients) { source, stage in
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
  let sums: JoinedSums
  let filters: [Parameter]
  let parameters: Parameters
  let output: Normalized

  /// Hands the sums and the filters, joined, to a kernel.
  func run(
    in context: ComputeContext, gradients: [JoinedSums.Gradient]? = nil,
    kernel: (inout ck_stage_input, inout ck_stage) -> Void
  ) {
    let depth = sums.shape.channels
    let joined = Storage(count: depth * output.shape.channels, arena: context.arena)
    var next = joined.floats
    for filter in filters {
      next.update(from: parameters.pointer(filter), count: filter.count)
      next += filter.count
    }
    sums.run(in: context, gradients: gradients) { source in
      var stage = ck_stage()
      stage.g = Window(1).geometry(output.maps, output.maps, groups: 1)
      (stage.g.c, stage.pointwise) = (Int32(depth), UnsafePointer(joined.floats))
      stage.z = output.maps.floats
      context.countProjection(stage.g, isBackward: gradients != nil)
      kernel(&source, &stage)
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
