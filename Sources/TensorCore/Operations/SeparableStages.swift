import CKernels
import Checks
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

  /// Whether it is 1x1 convolutions that leave no pixel out.
  public var readsEveryPixel: Bool {
    branches.allSatisfy {
      $0.depthwise == nil && $0.window.stride == 1 && $0.window.top == 0 && $0.window.left == 0
    }
  }
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

/// A launch of stages: what they read, and all that is kept of them.
private struct StageLaunch {
  enum Source {
    case one(StageInput)
    case joined(JoinedSums)
  }

  let source: Source
  let stages: [SeparableStage]
  let outputs: [Normalized]
  let parameters: Parameters
  let isTrained: Bool
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
    if case .normalized(let normalized) = input { normalized.markRead() }
    return run(.one(input), stages, of: parameters)
  }

  /// Runs stages of 1x1 convolutions of every pixel that read sums, side by side.
  ///
  /// Nobody else reads the sums: they are made while they are in cache, forward and again
  /// backward, and never stored. The charge is that of sums, joining and stages.
  ///
  /// - Parameters:
  ///   - sums: Terms of one batch, height and width, as `sum` takes them.
  ///   - stages: None with a depthwise convolution or a stride.
  /// - Returns: For each stage its normalised output `[N, H, W, F]`.
  public func separableStages(
    joining sums: [[SumTerm]], _ stages: [SeparableStage], of parameters: Parameters
  ) -> [Normalized] {
    check(
      stages.allSatisfy(\.readsEveryPixel), "separableStages: sums under more than 1x1 convolutions"
    )
    for terms in sums { chargeSum(terms, nil, terms.first?.shape.count ?? 0) }
    let joined = JoinedSums(sums, on: self)
    chargeJoining(of: joined.shape.count, isDifferentiated: isTraining)
    return run(.joined(joined), stages, of: parameters)
  }

  private func run(
    _ source: StageLaunch.Source, _ stages: [SeparableStage], of parameters: Parameters
  ) -> [Normalized] {
    checkStages(source.shape, stages)
    let isTrained = differentiates(parameters, stages.flatMap(\.parameters))
    let requiresGradient = isTrained || source.requiresGradient
    let outputs = stages.map { stage in
      let (height, width) = stage.branches[0].window.outputSize(source.shape)
      let maps = empty(
        Shape(source.shape.batch, height, width, stage.count), requiresGradient: false)
      chargeStage(source, stage, maps, isTrained: isTrained)
      return Normalized(
        maps, stage.normalization, parameters,
        isTrained: isTrained && stage.normalization.scale != nil,
        requiresGradient: requiresGradient, on: self)
    }
    let launch = StageLaunch(
      source: source, stages: stages, outputs: outputs, parameters: parameters,
      isTrained: isTrained)
    compute { context in
      let launched = zip(stages, outputs).flatMap { stage, output in
        context.branches(of: stage, output, launch, takesMoments: usesBatchStatistics)
      }
      source.run(in: context) {
        context.kernels.stages_forward(context.pool, &$0, Int32(launched.count), launched)
      }
      for output in outputs { output.fold(in: context, usesBatch: usesBatchStatistics) }
    }
    if requiresGradient { record { [self] in pullBack(launch) } }
    return outputs
  }

  private func checkStages(_ shape: Shape, _ stages: [SeparableStage]) {
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
    _ source: StageLaunch.Source, _ stage: SeparableStage, _ output: Tensor, isTrained: Bool
  ) {
    guard isDry else { return }
    let isDifferentiated = source.requiresGradient
    chargeRectifier(of: source.shape.count, isDifferentiated: isDifferentiated)
    func chargeConvolution(_ geometry: ck_conv, isDifferentiated: Bool) {
      let cost = Tape.cost(of: geometry)
      charge(cost)
      if isDifferentiated { chargeBackward(cost) }
      if isTrained { chargeBackward(cost) }
    }
    for branch in stage.branches {
      var depthwise = branch.window.geometry(
        source.shape, output, groups: source.shape.channels)
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
      chargeJoining(of: output.shape.count, isDifferentiated: isDifferentiated || isTrained)
    }
    chargeNormalization(
      of: output.shape.count, isDifferentiated: isDifferentiated || isTrained, rectified: false)
  }

  private func pullBack(_ launch: StageLaunch) {
    // A stage that nobody read has no gradient.
    let arrived = zip(launch.stages, launch.outputs).compactMap { stage, output in
      output.arrival.map { (stage, output, $0, scratch(3 * output.shape.channels)) }
    }
    guard !arrived.isEmpty else { return }
    for output in launch.outputs { output.arrival = nil }
    var sink: (tensor: Tensor, accumulates: Bool)?
    var sums: Storage?
    var gradients: [JoinedSums.Gradient]?
    switch launch.source {
    case .one(.maps(let tensor)) where tensor.requiresGradient: sink = tensor.gradientSink(self)
    case .one(.normalized(let normalized)) where normalized.requiresGradient:
      let taken = scratch(2 * normalized.shape.channels)
      (sink, sums) = (normalized.gradientSink(self, sums: taken), taken)
    case .joined(let joined) where joined.requiresGradient: gradients = joined.gradients(on: self)
    case .one, .joined: break
    }
    compute { context in
      let launched = arrived.flatMap { stage, output, arrival, coefficients in
        output.pullBack(arrival, coefficients: coefficients.floats)
        return context.branches(
          of: stage, output, launch,
          backward: (arrival, UnsafePointer(coefficients.floats)))
      }
      launch.source.run(in: context, sink: sink, sums: sums, gradients: gradients) {
        context.kernels.stages_backward(context.pool, &$0, Int32(launched.count), launched)
      }
    }
  }
}

extension StageLaunch.Source {
  fileprivate var shape: Shape {
    switch self {
    case .one(let input): input.shape
    case .joined(let sums): sums.shape
    }
  }

  fileprivate var requiresGradient: Bool {
    switch self {
    case .one(let input): input.requiresGradient
    case .joined(let sums): sums.requiresGradient
    }
  }

  /// Hands the input to a kernel; backward, with what gets its gradient and sums.
  fileprivate func run(
    in context: ComputeContext, sink: (tensor: Tensor, accumulates: Bool)? = nil,
    sums: Storage? = nil, gradients: [JoinedSums.Gradient]? = nil,
    kernel: (inout ck_stage_input) -> Void
  ) {
    switch self {
    case .one(let input):
      var input = ck_stage_input(input, sink: sink, sums: sums)
      kernel(&input)
    case .joined(let sums): sums.run(in: context, gradients: gradients, kernel: kernel)
    }
  }

  /// Distance between the pixels that kernels read.
  fileprivate var pixelStride: Int {
    switch self {
    case .one(let input): input.maps.pixelStride
    case .joined(let sums): sums.shape.channels
    }
  }
}

extension ck_stage_input {
  fileprivate init(
    _ input: StageInput, sink: (tensor: Tensor, accumulates: Bool)?, sums: Storage?
  ) {
    self.init()
    x = UnsafePointer(input.maps.floats)
    ldx = Int32(input.maps.pixelStride)
    if case .normalized(let normalized) = input {
      scale = UnsafePointer(normalized.scale)
      shift = UnsafePointer(normalized.shift)
      mean = UnsafePointer(normalized.mean)
      sum = sums?.floats
      product = sums.map { $0.floats + normalized.shape.channels }
    }
    dx = sink?.tensor.floats
    lddx = Int32(sink?.tensor.pixelStride ?? 0)
    accumulate = sink?.accumulates ?? false ? 1 : 0
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
  fileprivate func branches(
    of stage: SeparableStage, _ output: Normalized, _ launch: StageLaunch,
    takesMoments: Bool = false,
    backward: (arrival: Normalized.Arrival, coefficients: UnsafePointer<Float>)? = nil
  ) -> [ck_stage] {
    let (source, parameters) = (launch.source, launch.parameters)
    var first = 0
    return stage.branches.map { branch in
      var launched = ck_stage()
      launched.g = branch.window.geometry(
        source.shape, pixelStride: source.pixelStride, output.maps, groups: source.shape.channels)
      launched.g.f = Int32(branch.count)
      launched.depthwise = branch.depthwise.map { UnsafePointer(parameters.pointer($0)) }
      launched.pointwise = UnsafePointer(parameters.pointer(branch.pointwise))
      launched.z = output.maps.floats + first
      if takesMoments {
        (launched.mean, launched.variance) = (output.mean + first, output.variance + first)
      }
      if let (arrival, coefficients) = backward {
        launched.takeGradient(arrival, coefficients, first: first, of: stage.count)
        if launch.isTrained {
          launched.ddepthwise = branch.depthwise.map(parameters.gradientPointer)
          launched.dpointwise = parameters.gradientPointer(branch.pointwise)
        }
      }
      first += branch.count
      countPasses(
        of: launched, isBackward: backward != nil, isTrained: launch.isTrained,
        isDifferentiated: source.requiresGradient)
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
