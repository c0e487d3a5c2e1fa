import NeuralNetworks
import SearchCore
import SearchSpaces
import TensorCore
import Testing

/// Parameters of the networks that papers print, each counted apart from its published definition
/// with a few lines of arithmetic, not with this code; in millions as printed.
@Suite struct PublishedCountsTests {
  struct Count: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// Millions, to the digits that are printed.
    let millions: String
    /// The same, exactly.
    let exact: Int
    let count: @Sendable () throws -> Int

    init(
      _ name: String, _ millions: String, _ exact: Int,
      _ count: @escaping @Sendable () throws -> Int
    ) {
      (testDescription, self.millions, self.exact, self.count) = (name, millions, exact, count)
    }

    /// A published architecture at a scale.
    init(_ name: String, channels: Int, cells: Int, _ millions: String, _ exact: Int) {
      self.init("\(name), N \(cells), C \(channels)", millions, exact) {
        let found = try #require(PublishedArchitectures.named(name))
        return found.network(scale: .init(channels: channels, cells: cells)).parameters.count
      }
    }

    /// A cell of NAS-Bench-201 in the benchmark's network.
    init(cell: String, _ millions: String, _ exact: Int) {
      self.init("nas-bench-201 \(cell)", millions, exact) {
        let space = NASBench201()
        return space.network(
          of: try space.parse(cell), scale: .init(channels: 16, cells: 5), classes: 10
        ).parameters.count
      }
    }
  }

  static let all = [
    Count("nasnet-a", channels: 32, cells: 6, "3.328", 3_328_234),
    Count("nasnet-a", channels: 96, cells: 7, "32.44", 32_443_882),
    Count("nasnet-a", channels: 96, cells: 6, "28.07", 28_066_474),
    Count("amoebanet-a", channels: 32, cells: 6, "2.559", 2_558_858),
    Count("amoebanet-a", channels: 36, cells: 6, "3.207", 3_207_106),
    Count("amoebanet-a", channels: 24, cells: 3, "0.838", 838_186),
    Count("amoebanet-a-darts", channels: 36, cells: 6, "3.145", 3_145_078),
    Count("darts-v1", channels: 36, cells: 6, "3.169414", 3_169_414),
    Count("darts-v2", channels: 36, cells: 6, "3.349342", 3_349_342),
    Count("enas-micro", channels: 36, cells: 5, "3.89", 3_894_372),
    macro(hasFullConvolutions: true, "42.6", 42_559_392),
    macro(hasFullConvolutions: false, "30.9", 30_947_424),
    // The authors' log prints it.
    Count("DARTS' supernet", "1.930618", 1_930_618) {
      DARTSSupernet(channels: 16, cellsPerStage: 2, classes: 10).parameters.count
    },
    Count("DARTS' recurrent model", "22.96", 22_960_000) {
      DARTSRecurrentModel(
        words: 10_000,
        training: TextTraining(hidden: 850, layers: 1, tiedEmbeddings: true),
        genotype: .secondOrder
      ).parameters.count
    },
    Count(
      cell: "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|"
        + "nor_conv_3x3~2|", "1.5315", 1_531_546),
    Count(cell: "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", "0.0733", 73_306),
    Count(
      cell: "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|",
      "0.5594", 559_386),
    Count("ResNet-110", "1.728", 1_727_962) { ResNet(depth: 110).parameters.count },
    Count("ResNet-1202", "19.42", 19_421_274) { ResNet(depth: 1202).parameters.count },
  ]

  /// The 24 layers of ENAS' released script with 96 filters.
  private static func macro(hasFullConvolutions: Bool, _ millions: String, _ exact: Int) -> Count {
    let kind = hasFullConvolutions ? "full" : "separable"
    return Count("ENAS' macro network, \(kind) convolutions", millions, exact) {
      let space = ENASMacro(depth: 24)
      return ENASMacroNetwork(
        try space.parse(ENASMacro.published), of: space, channels: 96, classes: 10,
        hasFullConvolutions: hasFullConvolutions
      ).parameters.count
    }
  }

  @Test(arguments: all)
  func parametersAreThePublishedOnes(expected: Count) throws {
    #expect(try expected.count() == expected.exact)
    let digits = expected.millions.split(separator: ".").last?.count ?? 0
    let unit = (0..<6 - digits).reduce(1) { value, _ in 10 * value }
    let rounded = (expected.exact + unit / 2) / unit
    #expect(expected.millions.filter { $0 != "." }.drop { $0 == "0" } == "\(rounded)")
  }

  /// Of the papers' networks, whose features are 8x8 in DARTS and ENAS, and 16x16 in NASNet:
  /// C to 128, 2x2 or 4x4 of 128 to 768, 768 to 10.
  @Test(arguments: [
    ("darts-v1", 476_426), ("darts-v2", 476_426), ("nas-bench-201-best", 0),
    ("nasnet-a", 6 * 64 * 128 + 256 + 16 * 128 * 768 + 1536 + 7690),
    ("amoebanet-a", 4 * 72 * 128 + 256 + 16 * 128 * 768 + 1536 + 7690),
    ("enas-micro", 5 * 144 * 128 + 256 + 4 * 128 * 768 + 1536 + 7690),
  ])
  func auxiliaryHeadsAreCountedApart(name: String, expected: Int) throws {
    let found = try #require(PublishedArchitectures.named(name))
    var options = NetworkOptions()
    options.hasAuxiliaryHead = found.hasAuxiliaryHead
    let size = ArchitectureSize(of: found.network(scale: found.scale, options: options))
    #expect(size.auxiliaryParameters == expected)
    #expect(size.parameters == found.network(scale: found.scale).parameters.count)
  }
}
