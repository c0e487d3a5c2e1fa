import CKernels
import OperationCosts

/// ReLU, depthwise convolution, 1x1 convolution, batch normalisation: the half of a separable
/// convolution, and with less in it every other unit of cell networks.
///
/// Without a depthwise convolution it is ReLU, 1x1 convolution, normalisation; with two branches
/// of stride 2, one of them on the image shifted by a pixel, a factorized reduction.
public struct SeparableStage {
  /// Convolutions behind the ReLU.
  public struct Branch {
    /// Filters `[K, K, C, 1]`-like, sizes `[KH, KW, 1, C]`; `nil` for none.
    public let depthwise: Parameter?
    /// Sizes `[1, 1, C, F]`.
    public let pointwise: Parameter
    /// Of the depthwise convolution, or of the 1x1 one where there is none.
    public let window: Window

    public init(depthwise: Parameter?, pointwise: Parameter, window: Window) {
      self.depthwise = depthwise
      self.pointwise = pointwise
      self.window = window
    }

    var count: Int { pointwise.sizes.last ?? 0 }
  }

  /// Their outputs are joined along the channels.
  public let branches: [Branch]
  /// Of all outputs together.
  public let normalization: NormalizationState

  /// Everything that is trained.
  var parameters: [Parameter?] {
    branches.flatMap { [$0.depthwise, $0.pointwise] } + normalization.parameters
  }

  public init(branches: [Branch], normalization: NormalizationState) {
    self.branches = branches
    self.normalization = normalization
  }

  var count: Int { branches.reduce(0) { $0 + $1.count } }
}

/// What separable stages read.
public enum StageInput {
  case maps(Tensor)
  /// The normalisation is applied while the input is copied into cache.
  case normalized(Normalized)

  public var shape: Shape { maps.shape }

  var maps: Tensor {
    switch self {
    case .maps(let tensor): tensor
    case .normalized(let normalized): normalized.maps
    }
  }

  var requiresGradient: Bool {
    switch self {
    case .maps(let tensor): tensor.requiresGradient
    case .normalized(let normalized): normalized.requiresGradient
    }
  }
}

extension Tape {
  /// Runs stages that read the same input, each image while it is in cache.
  ///
  /// Forward, the input is rectified once for all stages and the moments of the normalisations
  /// are taken as the outputs leave the registers. Only the input and the outputs of the 1x1
  /// convolutions are kept: backward computes the depthwise outputs again, and takes the
  /// gradients of normalisation, convolutions and ReLU through one image at a time. Pass all stages
  /// of a state together: the more there are, the less each costs. Values differ from those of the
  /// plain operations by rounding; the charge is theirs.
  ///
  ///     let first = tape.separableStages(.maps(state), [half, dilated], of: parameters)
  ///     let second = tape.separableStages(.normalized(first[0]), [otherHalf], of: parameters)
  ///     let node = tape.sum([.normalized(second[0]), .normalized(first[1]), .maps(state)])
  ///
  /// - Parameters:
  ///   - input: Feature maps `[N, H, W, C]`.
  ///   - stages: At most 64 branches, whose outputs have the same height and width.
  /// - Returns: For each stage its normalised output `[N, OH, OW, F]`; sizes as by `convolution`.
  ///
  /// Source: the operations of DARTS, arXiv 1806.09055, and NASNet, arXiv 1707.07012.
  public func separableStages(
    _ input: StageInput, _ stages: [SeparableStage], of parameters: Parameters
  ) -> [Normalized] {
    checkStages(input, stages)
    if case .normalized(let normalized) = input { normalized.markRead() }
    let isTrained = differentiates(parameters, stages.flatMap(\.parameters))
    let requiresGradient = isTrained || input.requiresGradient
    let outputs = stages.map { stage in
      let (height, width) = stage.branches[0].window.outputSize(input.shape)
      let maps = empty(
        Shape(input.shape.batch, height, width, stage.count), requiresGradient: false)
      chargeStage(input, stage, maps, isTrained: isTrained)
      return Normalized(
        maps, stage.normalization, parameters,
        isTrained: isTrained && stage.normalization.scale != nil,
        requiresGradient: requiresGradient, on: self)
    }
    compute { context in
      let launched = zip(stages, outputs).flatMap { stage, output in
        context.stages(input, stage, output, parameters, takesMoments: usesBatchStatistics)
      }
      var source = StageInput.source(input)
      context.kernels.stages_forward(context.pool, &source, Int32(launched.count), launched)
      for output in outputs { output.fold(in: context, usesBatch: usesBatchStatistics) }
    }
    guard requiresGradient else { return outputs }
    record { [self] in pullBack(input, stages, outputs, parameters, isTrained: isTrained) }
    return outputs
  }

  private func checkStages(_ input: StageInput, _ stages: [SeparableStage]) {
    let shape = input.shape
    let size = stages.first?.branches.first?.window.outputSize(shape)
    check(
      stages.reduce(0) { $0 + $1.branches.count } <= Int(CK_MAX_STAGES),
      "separableStages: more than \(CK_MAX_STAGES) branches")
    for stage in stages {
      check(
        stage.normalization.runningMean.count == stage.count,
        "separableStages: \(stage.count) channels and statistics of "
          + "\(stage.normalization.runningMean.count)")
      for branch in stage.branches {
        let window = branch.window
        let sizes = [window.height, window.width, 1, shape.channels]
        check(
          branch.depthwise.map { $0.sizes == sizes } ?? (window.height * window.width == 1)
            && branch.pointwise.sizes == [1, 1, shape.channels, branch.count]
            && window.height * window.width <= 256 && window.hasOneStride,
          "separableStages: input \(shape), filters \(branch.depthwise?.sizes ?? []) and "
            + "\(branch.pointwise.sizes), \(window) disagree")
        check(
          size.map { $0 == window.outputSize(shape) } ?? false,
          "separableStages: outputs of different sizes")
      }
    }
  }

  /// What ReLU, convolutions, joining and normalisation cost as operations of their own.
  private func chargeStage(
    _ input: StageInput, _ stage: SeparableStage, _ output: Tensor, isTrained: Bool
  ) {
    guard isDry else { return }
    let isDifferentiated = input.requiresGradient
    chargeRectifier(of: input.shape.count, isDifferentiated: isDifferentiated)
    func chargeConvolution(_ geometry: ck_conv, isDifferentiated: Bool) {
      let cost = Tape.cost(of: geometry)
      charge(cost)
      if isDifferentiated { chargeBackward(cost) }
      if isTrained { chargeBackward(cost) }
    }
    for branch in stage.branches {
      var depthwise = branch.window.geometry(input.maps, output, groups: input.shape.channels)
      var pointwise = Window(1).geometry(output, output, groups: 1)
      (pointwise.c, pointwise.f) = (depthwise.c, Int32(branch.count))
      guard branch.depthwise != nil else {
        (depthwise.groups, depthwise.f) = (1, Int32(branch.count))
        chargeConvolution(depthwise, isDifferentiated: isDifferentiated)
        continue
      }
      depthwise.f = depthwise.c
      chargeConvolution(depthwise, isDifferentiated: isDifferentiated)
      chargeConvolution(pointwise, isDifferentiated: isDifferentiated || isTrained)
    }
    if stage.branches.count > 1 {
      chargeJoining(output, isDifferentiated: isDifferentiated || isTrained)
    }
    chargeNormalization(
      of: output.shape.count, isDifferentiated: isDifferentiated || isTrained, rectified: false)
  }

  private func pullBack(
    _ input: StageInput, _ stages: [SeparableStage], _ outputs: [Normalized],
    _ parameters: Parameters, isTrained: Bool
  ) {
    // A stage that nobody read has no gradient.
    let arrived = zip(stages, outputs).compactMap { stage, output in
      output.arrival.map { (stage, output, $0, scratch(3 * output.shape.channels)) }
    }
    guard !arrived.isEmpty else { return }
    for output in outputs { output.arrival = nil }
    var sink: (tensor: Tensor, accumulates: Bool)?
    var arrival: Normalized.Arrival?
    switch input {
    case .maps(let tensor): sink = tensor.requiresGradient ? tensor.gradientSink(self) : nil
    case .normalized(let normalized) where normalized.requiresGradient:
      let gradient = empty(normalized.shape, requiresGradient: false)
      sink = (gradient, false)
      arrival = .init(gradient: gradient, sums: scratch(2 * normalized.shape.channels))
      normalized.arrival = arrival
    case .normalized: break
    }
    compute { context in
      let launched = arrived.flatMap { stage, output, arrival, coefficients in
        output.pullBack(arrival, coefficients: coefficients.floats)
        return context.stages(
          input, stage, output, parameters,
          backward: (arrival, UnsafePointer(coefficients.floats), isTrained))
      }
      var source = StageInput.source(input, sink: sink, sums: arrival?.sums)
      context.kernels.stages_backward(context.pool, &source, Int32(launched.count), launched)
    }
  }
}

extension StageInput {
  fileprivate static func source(
    _ input: StageInput, sink: (tensor: Tensor, accumulates: Bool)? = nil, sums: Storage? = nil
  ) -> ck_stage_input {
    var source = ck_stage_input()
    source.x = UnsafePointer(input.maps.floats)
    source.ldx = Int32(input.maps.pixelStride)
    if case .normalized(let normalized) = input {
      source.scale = UnsafePointer(normalized.scale)
      source.shift = UnsafePointer(normalized.shift)
      source.mean = UnsafePointer(normalized.mean)
      source.sum = sums?.floats
      source.product = sums.map { $0.floats + normalized.shape.channels }
    }
    source.dx = sink?.tensor.floats
    source.lddx = Int32(sink?.tensor.pixelStride ?? 0)
    source.accumulate = sink?.accumulates ?? false ? 1 : 0
    return source
  }
}

extension ck_stage {
  /// The gradient of z from what arrived, for channels from `first` of `count` on.
  mutating func takeGradient(
    _ arrival: Normalized.Arrival, _ coefficients: UnsafePointer<Float>, first: Int = 0,
    of count: Int
  ) {
    dy = UnsafePointer(arrival.gradient.floats + first)
    lddy = Int32(arrival.gradient.pixelStride)
    factors = arrival.factors.map { UnsafePointer($0.floats) }
    a = coefficients + first
    b = coefficients + first + count
    offset = coefficients + first + 2 * count
  }
}

extension ComputeContext {
  /// The branches of a stage as the kernels take them.
  fileprivate func stages(
    _ input: StageInput, _ stage: SeparableStage, _ output: Normalized, _ parameters: Parameters,
    takesMoments: Bool = false,
    backward: (arrival: Normalized.Arrival, coefficients: UnsafePointer<Float>, isTrained: Bool)? =
      nil
  ) -> [ck_stage] {
    var first = 0
    return stage.branches.map { branch in
      var launched = ck_stage()
      launched.g = branch.window.geometry(input.maps, output.maps, groups: input.shape.channels)
      launched.g.f = Int32(branch.count)
      launched.depthwise = branch.depthwise.map { UnsafePointer(parameters.pointer($0)) }
      launched.pointwise = UnsafePointer(parameters.pointer(branch.pointwise))
      launched.z = output.maps.floats + first
      if takesMoments {
        (launched.mean, launched.variance) = (output.mean + first, output.variance + first)
      }
      if let (arrival, coefficients, isTrained) = backward {
        launched.takeGradient(arrival, coefficients, first: first, of: stage.count)
        if isTrained {
          launched.ddepthwise = branch.depthwise.map(parameters.gradientPointer)
          launched.dpointwise = parameters.gradientPointer(branch.pointwise)
        }
      }
      first += branch.count
      countPasses(
        of: launched, isBackward: backward != nil, isTrained: backward?.isTrained ?? false,
        isDifferentiated: input.requiresGradient)
      return launched
    }
  }

  /// Counts a branch's products; backwards, filter gradients need its depthwise outputs anew.
  private func countPasses(
    of stage: ck_stage, isBackward: Bool, isTrained: Bool, isDifferentiated: Bool
  ) {
    let (g, lanes) = (stage.g, Int(kernels.lanes))
    let pixels = Int(g.n) * Int(g.oh) * Int(g.ow)
    func padded(_ channels: Int32) -> Int { (Int(channels) + lanes - 1) / lanes * lanes }
    let depthwise =
      stage.depthwise == nil ? 0 : 2 * pixels * Int(g.kh) * Int(g.kw) * padded(g.c)
    let pointwise = 2 * pixels * Int(g.c) * padded(g.f)
    guard isBackward else { return counters.count(flops: depthwise + pointwise) }
    counters.count(
      flops: 2 * pixels * Int(g.f) * padded(g.c) + (isDifferentiated ? depthwise : 0)
        + (isTrained ? 2 * depthwise + pointwise : 0))
  }
}
