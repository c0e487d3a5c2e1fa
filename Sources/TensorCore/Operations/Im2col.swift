import CKernels

/// Convolution as matrix products: images become matrices with a row a window.
///
/// The slow, independent check of the direct kernels, image by image on one thread; it shares
/// no arithmetic with them.
extension ComputeContext {
  private func forEachGroup(
    _ g: ck_conv,
    _ body: (_ image: Int, _ group: Int, _ columns: UnsafeMutablePointer<Float>) -> Void
  ) {
    let kernel = Int(g.kh * g.kw * (g.c / g.groups))
    let columns = Storage(count: Int(g.oh * g.ow) * kernel, arena: arena)
    for image in 0..<Int(g.n) {
      for group in 0..<Int(g.groups) { body(image, group, columns.floats) }
    }
  }

  func forwardByIm2col(
    _ geometry: ck_conv, _ input: Tensor, _ filters: UnsafePointer<Float>, _ output: Tensor
  ) {
    var g = geometry
    let kernel = Int(g.kh * g.kw * (g.c / g.groups))
    let (outputs, perGroup) = (Int(g.oh * g.ow), Int(g.f / g.groups))
    forEachGroup(g) { image, group, columns in
      let source = input.floats + image * Int(g.h * g.w) * input.pixelStride
      ck_im2col(&g, Int32(group), source, columns)
      OpenBLAS.multiply(
        pool, m: outputs, n: perGroup, k: kernel, a: columns, lda: kernel, transposedA: false,
        b: filters + group * perGroup, ldb: Int(g.f), transposedB: false,
        c: output.floats + image * outputs * output.pixelStride + group * perGroup,
        ldc: output.pixelStride, accumulates: false)
    }
  }

  func backwardDataByCol2im(
    _ geometry: ck_conv, _ gradient: Tensor, _ filters: UnsafePointer<Float>, _ sink: Tensor,
    _ accumulates: Bool
  ) {
    var g = geometry
    let kernel = Int(g.kh * g.kw * (g.c / g.groups))
    let (outputs, perGroup) = (Int(g.oh * g.ow), Int(g.f / g.groups))
    if !accumulates {
      for pixel in 0..<sink.shape.pixels {
        (sink.floats + pixel * sink.pixelStride).update(repeating: 0, count: sink.shape.channels)
      }
    }
    forEachGroup(g) { image, group, columns in
      OpenBLAS.multiply(
        pool, m: outputs, n: kernel, k: perGroup,
        a: gradient.floats + image * outputs * gradient.pixelStride + group * perGroup,
        lda: gradient.pixelStride, transposedA: false, b: filters + group * perGroup,
        ldb: Int(g.f), transposedB: true, c: columns, ldc: kernel, accumulates: false)
      ck_col2im(
        &g, Int32(group), columns, sink.floats + image * Int(g.h * g.w) * sink.pixelStride)
    }
  }

  func backwardFiltersByIm2col(
    _ geometry: ck_conv, _ input: Tensor, _ gradient: Tensor,
    _ filterGradient: UnsafeMutablePointer<Float>
  ) {
    var g = geometry
    let kernel = Int(g.kh * g.kw * (g.c / g.groups))
    let (outputs, perGroup) = (Int(g.oh * g.ow), Int(g.f / g.groups))
    forEachGroup(g) { image, group, columns in
      let source = input.floats + image * Int(g.h * g.w) * input.pixelStride
      ck_im2col(&g, Int32(group), source, columns)
      OpenBLAS.multiply(
        pool, m: kernel, n: perGroup, k: outputs, a: columns, lda: kernel, transposedA: true,
        b: gradient.floats + image * outputs * gradient.pixelStride + group * perGroup,
        ldb: gradient.pixelStride, transposedB: false, c: filterGradient + group * perGroup,
        ldc: Int(g.f), accumulates: true)
    }
  }
}
