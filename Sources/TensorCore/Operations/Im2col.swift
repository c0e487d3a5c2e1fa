import CKernels

/// Convolution as matrix products: images become matrices with a row a window.
///
/// The slow, independent check of the direct kernels, image by image on one thread; it shares
/// no arithmetic with them.
extension ComputeContext {
  /// What the products of one convolution have in common.
  private struct Products {
    let g: ck_conv
    /// Numbers of a window, windows of an image, and filters of a group.
    let kernel: Int
    let outputs: Int
    let perGroup: Int

    init(_ g: ck_conv) {
      self.g = g
      kernel = Int(g.kh * g.kw * (g.c / g.groups))
      (outputs, perGroup) = (Int(g.oh * g.ow), Int(g.f / g.groups))
    }

    /// Where an image begins.
    func place(of image: Int, in tensor: Tensor) -> UnsafeMutablePointer<Float> {
      tensor.floats + image * Int(g.h * g.w) * tensor.pixelStride
    }
  }

  private func forEachGroup(
    _ products: Products,
    _ body: (_ image: Int, _ group: Int, _ columns: UnsafeMutablePointer<Float>) -> Void
  ) {
    let columns = Storage(count: products.outputs * products.kernel, arena: arena)
    for image in 0..<Int(products.g.n) {
      for group in 0..<Int(products.g.groups) { body(image, group, columns.floats) }
    }
  }

  /// As `forEachGroup`, with the windows of the input in the columns.
  private func forEachMatrix(
    _ products: Products, of input: Tensor,
    _ body: (_ image: Int, _ group: Int, _ columns: UnsafeMutablePointer<Float>) -> Void
  ) {
    var g = products.g
    forEachGroup(products) { image, group, columns in
      ck_im2col(&g, Int32(group), products.place(of: image, in: input), columns)
      body(image, group, columns)
    }
  }

  func forwardByIm2col(
    _ geometry: ck_conv, _ input: Tensor, _ filters: UnsafePointer<Float>, _ output: Tensor
  ) {
    let p = Products(geometry)
    forEachMatrix(p, of: input) { image, group, columns in
      OpenBLAS.multiply(
        pool, m: p.outputs, n: p.perGroup, k: p.kernel, a: columns, lda: p.kernel,
        transposedA: false, b: filters + group * p.perGroup, ldb: Int(p.g.f), transposedB: false,
        c: output.floats + image * p.outputs * output.pixelStride + group * p.perGroup,
        ldc: output.pixelStride, accumulates: false)
    }
  }

  func backwardDataByCol2im(
    _ geometry: ck_conv, _ gradient: Tensor, _ filters: UnsafePointer<Float>, _ sink: Tensor,
    _ accumulates: Bool
  ) {
    let p = Products(geometry)
    var g = geometry
    if !accumulates {
      for pixel in 0..<sink.shape.pixels {
        (sink.floats + pixel * sink.pixelStride).update(repeating: 0, count: sink.shape.channels)
      }
    }
    forEachGroup(p) { image, group, columns in
      OpenBLAS.multiply(
        pool, m: p.outputs, n: p.kernel, k: p.perGroup,
        a: gradient.floats + image * p.outputs * gradient.pixelStride + group * p.perGroup,
        lda: gradient.pixelStride, transposedA: false, b: filters + group * p.perGroup,
        ldb: Int(g.f), transposedB: true, c: columns, ldc: p.kernel, accumulates: false)
      ck_col2im(&g, Int32(group), columns, p.place(of: image, in: sink))
    }
  }

  func backwardFiltersByIm2col(
    _ geometry: ck_conv, _ input: Tensor, _ gradient: Tensor,
    _ filterGradient: UnsafeMutablePointer<Float>
  ) {
    let p = Products(geometry)
    forEachMatrix(p, of: input) { image, group, columns in
      OpenBLAS.multiply(
        pool, m: p.kernel, n: p.perGroup, k: p.outputs, a: columns, lda: p.kernel,
        transposedA: true,
        b: gradient.floats + image * p.outputs * gradient.pixelStride + group * p.perGroup,
        ldb: gradient.pixelStride, transposedB: false, c: filterGradient + group * p.perGroup,
        ldc: Int(p.g.f), accumulates: true)
    }
  }
}
