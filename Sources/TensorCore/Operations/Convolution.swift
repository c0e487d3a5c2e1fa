import CKernels
import Checks
import OperationCosts

/// The window of a convolution or pooling: how far apart its taps and steps are.
public struct Window: Hashable, Sendable {
  /// Height and width of the kernel, in taps.
  public var height: Int
  public var width: Int
  /// Step between windows, in pixels.
  public var stride: Int
  /// Step between columns of windows where it differs from `stride`: a 1x7 convolution that halves
  /// the width alone. Convolutions that are not depthwise have it, pooling has not.
  public var columnStride: Int?
  /// Step between taps, in pixels.
  public var dilation: Int
  /// Rows and columns of zeros above and to the left; negative values crop.
  public var top: Int
  public var left: Int

  /// A square window.
  ///
  /// - Parameter padding: Zeros on each side; by default so many that the size stays when the
  ///   stride is 1.
  public init(_ kernel: Int, stride: Int = 1, dilation: Int = 1, padding: Int? = nil) {
    self.init(height: kernel, width: kernel, stride: stride, dilation: dilation)
    if let padding { (top, left) = (padding, padding) }
  }

  /// A window of any shape, padded so that the size stays when the stride is 1.
  public init(
    height: Int, width: Int, stride: Int = 1, columnStride: Int? = nil, dilation: Int = 1
  ) {
    self.height = height
    self.width = width
    self.stride = stride
    self.columnStride = columnStride == stride ? nil : columnStride
    self.dilation = dilation
    top = dilation * (height - 1) / 2
    left = dilation * (width - 1) / 2
  }

  /// Output height and width: as many windows as fit with equal padding on opposite sides; with
  /// cropping, as many as without it.
  func outputSize(_ shape: Shape) -> (height: Int, width: Int) {
    func count(_ size: Int, _ pad: Int, _ kernel: Int, _ stride: Int) -> Int {
      (size + 2 * max(0, pad) - dilation * (kernel - 1) - 1) / stride + 1
    }
    return (
      count(shape.height, top, height, stride),
      count(shape.width, left, width, columnStride ?? stride)
    )
  }

  func geometry(_ input: Tensor, _ output: Tensor, groups: Int) -> ck_conv {
    geometry(input.shape, pixelStride: input.pixelStride, output, groups: groups)
  }

  func geometry(
    _ input: Shape, pixelStride: Int? = nil, _ output: Tensor, groups: Int
  ) -> ck_conv {
    ck_conv(
      n: Int32(input.batch), h: Int32(input.height), w: Int32(input.width),
      c: Int32(input.channels), oh: Int32(output.shape.height),
      ow: Int32(output.shape.width), f: Int32(output.shape.channels), kh: Int32(height),
      kw: Int32(width), stride: Int32(stride), dilation: Int32(dilation), groups: Int32(groups),
      top: Int32(top), left: Int32(left), ldx: Int32(pixelStride ?? input.channels),
      ldy: Int32(output.pixelStride), column_stride: Int32(columnStride ?? 0))
  }

  /// Whether it is one that depthwise convolutions and pooling take.
  var hasOneStride: Bool { columnStride == nil || columnStride == stride }
}

extension Tape {
  /// Convolves a batch of images with a bank of filters.
  ///
  /// - Parameters:
  ///   - input: Images, shape `[N, H, W, C]`.
  ///   - filters: Filter bank, sizes `[KH, KW, C / groups, F]`.
  ///   - window: Size of the kernel, stride, dilation and padding.
  ///   - groups: Divides `C` and `F`; `groups == C == F` is a depthwise convolution.
  /// - Returns: Feature maps, shape `[N, OH, OW, F]` with
  ///   `OH = ⌊(H + 2 top - dilation (KH - 1) - 1) / stride⌋ + 1`.
  ///
  /// Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 9.1.
  public func convolution(
    _ input: Tensor, _ filters: Parameter, of parameters: Parameters, window: Window,
    groups: Int = 1
  ) -> Tensor {
    let channels = input.shape.channels
    let count = filters.sizes.last ?? 0
    check(
      filters.sizes == [window.height, window.width, channels / groups, count]
        && channels % groups == 0 && count % groups == 0
        && (groups == 1 || window.hasOneStride),
      "convolution: input \(input.shape), filters \(filters.sizes) and \(groups) groups disagree")
    // What the kernels' lists of taps have room for.
    check(
      window.height * window.width <= 256 && max(window.height, window.width) <= 64,
      "convolution: a kernel of \(window.height) x \(window.width); at most 256 taps, 64 a side")
    let (height, width) = window.outputSize(input.shape)
    let isTrained = differentiates(parameters, [filters])
    let output = empty(
      Shape(input.shape.batch, height, width, count),
      requiresGradient: input.requiresGradient || isTrained)
    let geometry = window.geometry(input, output, groups: groups)
    let cost = Tape.cost(of: geometry)
    charge(cost)
    compute { $0.forward(geometry, input, parameters.pointer(filters), output) }

    if input.requiresGradient { chargeBackward(cost) }
    if isTrained { chargeBackward(cost) }
    record(output) { [self] gradient in
      var geometry = geometry
      geometry.ldy = Int32(gradient.pixelStride)
      if input.requiresGradient {
        let (sink, accumulates) = input.gradientSink(self)
        var geometry = geometry
        geometry.ldx = Int32(sink.pixelStride)
        compute {
          $0.backwardData(geometry, gradient, parameters.pointer(filters), sink, accumulates)
        }
      }
      guard isTrained else { return }
      compute {
        $0.backwardFilters(geometry, input, gradient, parameters.gradientPointer(filters))
      }
    }
    return output
  }

  /// Canonical cost of one pass: two operations a multiply-add, padding included; input, filters
  /// and output moved once. Each gradient costs the same.
  static func cost(of g: ck_conv) -> LogicalOperation {
    let kernel = Int(g.kh) * Int(g.kw) * Int(g.c / g.groups)
    let outputs = Int(g.n) * Int(g.oh) * Int(g.ow) * Int(g.f)
    let floats = Int(g.n) * Int(g.h) * Int(g.w) * Int(g.c) + kernel * Int(g.f) + outputs
    let kind: OperationClass =
      g.groups == g.c && g.c > 1
      ? .depthwiseConvolution
      : g.kh * g.kw == 1 ? .pointwiseConvolution : .denseConvolution
    return LogicalOperation(kind, flops: 2 * outputs * kernel, bytes: 4 * floats)
  }
}

extension ComputeContext {
  private func isDepthwise(_ g: ck_conv) -> Bool { g.groups == g.c && g.c == g.f && g.c > 1 }

  /// Counts the products of a pass; a depthwise one has no depth.
  private func count(_ geometry: ck_conv, transposed: Bool = false) {
    var g = geometry
    let rows = Int(g.n * g.oh * g.ow) * Int(g.kh * g.kw)
    if isDepthwise(g) {
      counters.count(rows: rows, depth: 1, columns: Int(g.c), lanes: Int(kernels.lanes))
    } else if blas == .openBLASAll {
      counters.count(rows: rows, depth: Int(g.c / g.groups), columns: Int(g.f), lanes: 1)
    } else {
      counters.count(flops: Int(kernels.conv_flops(&g, transposed ? 1 : 0)))
    }
  }

  fileprivate func forward(
    _ geometry: ck_conv, _ input: Tensor, _ filters: UnsafePointer<Float>, _ output: Tensor
  ) {
    var g = geometry
    count(g)
    if blas == .openBLASAll {
      forwardByIm2col(g, input, filters, output)
    } else if isDepthwise(g) {
      kernels.depthwise_forward(pool, &g, input.floats, filters, output.floats)
    } else {
      kernels.conv_forward(pool, &g, input.floats, filters, output.floats)
    }
  }

  fileprivate func backwardData(
    _ geometry: ck_conv, _ gradient: Tensor, _ filters: UnsafePointer<Float>, _ sink: Tensor,
    _ accumulates: Bool
  ) {
    var g = geometry
    let add: Int32 = accumulates ? 1 : 0
    count(g, transposed: true)
    if blas == .openBLASAll {
      backwardDataByCol2im(g, gradient, filters, sink, accumulates)
    } else if isDepthwise(g) {
      kernels.depthwise_backward_data(pool, &g, gradient.floats, filters, sink.floats, add)
    } else {
      kernels.conv_backward_data(pool, &g, gradient.floats, filters, sink.floats, add)
    }
  }

  fileprivate func backwardFilters(
    _ geometry: ck_conv, _ input: Tensor, _ gradient: Tensor,
    _ filterGradient: UnsafeMutablePointer<Float>
  ) {
    var g = geometry
    count(g)
    if blas == .openBLASAll {
      backwardFiltersByIm2col(g, input, gradient, filterGradient)
    } else if isDepthwise(g) {
      kernels.depthwise_backward_weights(
        pool, &g, input.floats, gradient.floats, filterGradient)
    } else {
      kernels.conv_backward_weights(pool, &g, input.floats, gradient.floats, filterGradient)
    }
  }
}
