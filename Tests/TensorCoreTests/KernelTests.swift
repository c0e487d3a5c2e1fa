import CKernels
import Randomness
import Testing

/// Pooling, moments, matrix products and the rest against plain loops, and bit for bit across
/// instruction sets and threads.
@Suite struct KernelTests {
  @Test(
    arguments: ConvolutionCase.grid.filter {
      $0.groups == 1 && ($0.top ?? 0) >= 0 && $0.columnStride == nil
    })
  func poolingEqualsThePlainLoop(shape: ConvolutionCase) throws {
    var shape = shape
    (shape.f, shape.extraY) = (shape.c, shape.extraX)
    var g = shape.geometry
    let x = KernelFixture.values(shape.inputCount, "x")
    for name in KernelFixture.names {
      let fixture = try #require(KernelFixture(name, threads: 2))
      var y = [Float](repeating: 0, count: shape.outputCount)
      var winners = [UInt8](repeating: 0, count: Int(g.n * g.oh * g.ow * g.c))
      var expected = y
      fixture.table.max_pool_forward(fixture.pool, &g, x, &y, &winners)
      ck_reference_max_pool(&g, x, &expected)
      #expect(y == expected)
      for countsPadding: Int32 in [0, 1] {
        fixture.table.average_pool_forward(fixture.pool, &g, x, countsPadding, &y)
        ck_reference_average_pool(&g, x, countsPadding, &expected)
        // Rounded once a tap, of values below 1.
        #expect(ConvolutionKernelTests.largestDifference(y, expected) < 1e-5)
      }
    }
  }

  @Test(arguments: [(5, 3), (1000, 16), (4099, 17), (2048, 64), (1, 5)], KernelFixture.names)
  func momentsEqualThePlainLoop(size: (pixels: Int, channels: Int), table: String) throws {
    let fixture = try #require(KernelFixture(table, threads: 2))
    // A mean of 1,000 deviations: cancels to nothing in a naive sum of squares.
    let x = KernelFixture.values(size.pixels * size.channels, "moments").map { 500 + $0 }
    var mean = [Float](repeating: 0, count: size.channels)
    var (variance, plainMean, plainVariance) = (mean, mean, mean)
    let (pixels, channels) = (Int32(size.pixels), Int32(size.channels))
    fixture.table.channel_moments(fixture.pool, pixels, channels, x, channels, &mean, &variance)
    ck_reference_moments(pixels, channels, x, channels, &plainMean, &plainVariance)
    #expect(ConvolutionKernelTests.largestDifference(mean, plainMean) < 1e-4)
    #expect(ConvolutionKernelTests.largestDifference(variance, plainVariance) < 1e-4)
  }

  @Test(arguments: [(1, 1, 1), (5, 7, 3), (64, 10, 64), (300, 33, 20), (700, 48, 129)])
  func matrixProductsEqualThePlainLoop(size: (m: Int, n: Int, k: Int)) throws {
    let (m, n, k) = size
    let a = KernelFixture.values(m * k, "a")
    let b = KernelFixture.values(k * n, "b")
    let transposedB = (0..<n * k).map { b[$0 % k * n + $0 / k] }
    let second = KernelFixture.values(m * n, "second")
    var product = [Float](repeating: 0, count: m * n)
    var gradient = [Float](repeating: 0, count: k * n)
    for row in 0..<m {
      for column in 0..<n {
        product[row * n + column] = Float(
          (0..<k).reduce(0.0) { $0 + Double(a[row * k + $1]) * Double(b[$1 * n + column]) })
      }
    }
    for row in 0..<k {
      for column in 0..<n {
        gradient[row * n + column] = Float(
          (0..<m).reduce(0.0) { $0 + Double(a[$1 * k + row]) * Double(second[$1 * n + column]) })
      }
    }
    var bits: [[Float]] = []
    for name in KernelFixture.names {
      let fixture = try #require(KernelFixture(name, threads: 2))
      var c = [Float](repeating: .nan, count: m * n)
      var d = [Float](repeating: 0, count: k * n)
      fixture.table.matmul(
        fixture.pool, Int32(m), Int32(n), Int32(k), a, Int32(k), b, Int32(n), 0, &c, Int32(n), 0)
      #expect(ConvolutionKernelTests.largestDifference(c, product) < 1e-4)
      fixture.table.matmul(
        fixture.pool, Int32(m), Int32(n), Int32(k), a, Int32(k), transposedB, Int32(k), 1, &c,
        Int32(n), 1)
      #expect(ConvolutionKernelTests.largestDifference(c, product.map { 2 * $0 }) < 2e-4)
      fixture.table.matmul_transposed(
        fixture.pool, Int32(m), Int32(n), Int32(k), a, Int32(k), second, Int32(n), &d, Int32(n))
      #expect(ConvolutionKernelTests.largestDifference(d, gradient) < 2e-4)
      bits.append(c + d)
    }
    #expect(bits.allSatisfy { $0 == bits[0] })
  }

  @Test func dropoutDrawsWithTheSamePhiloxAsSwift() throws {
    let fixture = try #require(KernelFixture("generic", threads: 1))
    let key = RandomKey(seed: 42).child("dropout")
    let x = [Float](repeating: 1, count: 40)
    var y = x
    fixture.table.dropout(fixture.pool, 40, x, 0.25, key.bits, &y, 0)
    let expected = (0..<40).map { index -> Float in
      let block = Philox.block(counter: SIMD4(UInt32(index / 4), 0, 0, 0), key: key.words)
      return block[index % 4] < 1 << 30 ? 4 : 0
    }
    #expect(y == expected)
  }

  @Test func crossEntropyEqualsHandValues() throws {
    // -log(e^1 / (e^1 + e^2 + e^3)) = 2.4076059644443806, by Python's math module.
    let logits: [Float] = [1, 2, 3, 0, 0, 0]
    for name in KernelFixture.names {
      let fixture = try #require(KernelFixture(name, threads: 1))
      var (loss, gradient) = ([Float](repeating: 0, count: 2), [Float](repeating: 0, count: 6))
      var correct: [UInt8] = [9, 9]
      fixture.table.softmax_cross_entropy(
        fixture.pool, 2, 3, logits, [0, 0], 0, 1, &loss, &correct, &gradient)
      #expect(abs(loss[0] - 2.407606) < 1e-6)
      #expect(abs(loss[1] - 1.0986123) < 1e-6)
      #expect(correct == [0, 1])
      // softmax - target = 0.09003057 - 1, 0.24472848, 0.66524094.
      #expect(abs(gradient[0] + 0.90996945) < 1e-6)
      #expect(abs(gradient[2] - 0.66524094) < 1e-6)
      // With smoothing 0.3: 0.7 * 2.407606 + 0.1 * (2.407606 + 1.407606 + 0.407606) = 2.107606.
      fixture.table.softmax_cross_entropy(
        fixture.pool, 2, 3, logits, [0, 0], 0.3, 1, &loss, &correct, &gradient)
      #expect(abs(loss[0] - 2.107606) < 1e-5)
    }
  }

  /// Two images of 3 x 4 pixels and 2 channels, cut, mirrored and cut out by hand in a plain loop.
  @Test(arguments: KernelFixture.names)
  func augmentationEqualsThePlainLoop(table: String) throws {
    let fixture = try #require(KernelFixture(table, threads: 2))
    let (h, w, c) = (3, 4, 2)
    let images = (0..<2 * h * w * c).map { UInt8(truncatingIfNeeded: 7 * $0 + 3) }
    let indices: [Int32] = [1, 0, 1]
    // Row, column, flip, cutout row, cutout column, half its side.
    let placements: [[Int]] = [[0, 0, 0, 0, 0, 0], [1, -2, 1, 1, 2, 1], [-1, 1, 0, 0, 3, 2]]
    let (scale, shift): ([Float], [Float]) = ([0.5, 0.25], [-1, 2])
    var found = [Float](repeating: .nan, count: 3 * h * w * c)
    fixture.table.augment(
      fixture.pool, 3, Int32(h), Int32(w), Int32(c), images, indices,
      placements.flatMap { $0.map { Int16($0) } }, scale, shift, &found)
    var expected: [Float] = []
    for (index, place) in zip(indices, placements) {
      for row in 0..<h {
        for column in 0..<w {
          let isCut =
            (place[3] - place[5]..<place[3] + place[5]).contains(row)
            && (place[4] - place[5]..<place[4] + place[5]).contains(column)
          let fromRow = row + place[0]
          let fromColumn = (place[2] == 1 ? w - 1 - column : column) + place[1]
          let isInside = (0..<h).contains(fromRow) && (0..<w).contains(fromColumn)
          for channel in 0..<c {
            let at = ((Int(index) * h + fromRow) * w + fromColumn) * c + channel
            let byte: Float = isInside ? Float(images[at]) : 0
            expected.append(isCut ? 0 : byte * scale[channel] + shift[channel])
          }
        }
      }
    }
    // Scales are powers of two, so that the fused and the plain form round alike.
    #expect(found == expected)
  }

  @Test func notANumberReachesTheLoss() throws {
    let fixture = try #require(KernelFixture(KernelFixture.names[0], threads: 1))
    var y: [Float] = [0, 0, 0, 0]
    fixture.table.add_relu(fixture.pool, 1, 4, [-1, .nan, 2, 0], 4, nil, 0, 1, &y, 4)
    #expect(y[0] == 0 && y[1].isNaN && y[2] == 2)
  }
}
