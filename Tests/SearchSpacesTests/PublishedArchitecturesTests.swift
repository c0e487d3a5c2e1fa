import Foundation
import SearchCore
import SearchSpaces
import TestSupport
import Testing

@Suite struct PublishedArchitecturesTests {
  @Test func namesAreSorted() {
    let names = PublishedArchitectures.all.map { $0.name }
    #expect(
      names == [
        "amoebanet-a", "amoebanet-a-darts", "darts-v1", "darts-v2", "enas-micro",
        "nas-bench-201-best", "nasnet-a",
      ])
    #expect(PublishedArchitectures.named("nasnet-b") == nil)
  }

  @Test(arguments: PublishedArchitectures.all.map { $0.name })
  func whatIsWrittenIsReadAgain(name: String) throws {
    let found = try #require(PublishedArchitectures.named(name))
    let space = try #require(
      SearchSpaceCatalog.named(found.space) as? any TrainableSearchSpace)
    let read = try PublishedArchitecture(reading: found.text, in: space)
    #expect(read.text == found.text)
    #expect(read.graphs == found.graphs)
    #expect(read.scale == found.scale)
    #expect(
      ArchitectureSize(of: read.network(scale: found.scale))
        == ArchitectureSize(of: found.network(scale: found.scale)))
  }

  /// As the released `genotypes.py` prints it.
  @Test func amoebaNetOfDARTSIsWrittenAsReleased() throws {
    let found = try #require(PublishedArchitectures.named("amoebanet-a-darts"))
    #expect(
      found.text == """
        Genotype(normal=[('avg_pool_3x3', 0), ('max_pool_3x3', 1), ('sep_conv_3x3', 0), \
        ('sep_conv_5x5', 2), ('sep_conv_3x3', 0), ('avg_pool_3x3', 3), ('sep_conv_3x3', 1), \
        ('skip_connect', 1), ('skip_connect', 0), ('avg_pool_3x3', 1)], \
        normal_concat=[4, 5, 6], reduce=[('avg_pool_3x3', 0), ('sep_conv_3x3', 1), \
        ('max_pool_3x3', 0), ('sep_conv_7x7', 2), ('sep_conv_7x7', 0), ('avg_pool_3x3', 1), \
        ('max_pool_3x3', 0), ('max_pool_3x3', 1), ('conv_7x1_1x7', 0), ('sep_conv_3x3', 5)], \
        reduce_concat=[3, 4, 6])
        """)
  }

  /// By hand: stem, 15 times what the cell adds, two convolutions of each reduction, classifier.
  @Test(arguments: [
    ("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", 1 + 2 + 2 + 1),
    ("|skip_connect~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|", 1 + 15 + 4 + 1),
    (
      "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|",
      1 + 3 * 15 + 4 + 1
    ),
  ])
  func depthIsTheLongestWay(cell: String, expected: Int) throws {
    let read = try PublishedArchitecture(reading: cell, in: NASBench201())
    #expect(ArchitectureSize(of: read.network(scale: read.scale)).depth == expected)
  }

  /// NASNet-A with N = 1: stem 1; normal: adapter and a separable convolution 1 + 4; reduction:
  /// adapter, 7x7 separable, 3x3 separable on it 1 + 4 + 4; so again; normal; classifier 1.
  @Test func depthOfStackedCells() throws {
    let found = try #require(PublishedArchitectures.named("nasnet-a"))
    let network = found.network(scale: .init(channels: 4, cells: 1))
    #expect(ArchitectureSize(of: network).depth == 1 + 5 + 9 + 5 + 9 + 5 + 1)
  }

  @Test(arguments: SearchSpaceCatalog.all.compactMap { $0 as? any TrainableSearchSpace })
  func everySpaceKnowsItsDepth(space: any TrainableSearchSpace) throws {
    let first = Architecture(
      space: type(of: space).name, choices: space.decisions.map { _ in 0 })
    let network = space.network(
      of: first, scale: .init(channels: 4, cells: 1), classes: 10)
    #expect(try #require(ArchitectureSize(of: network).depth) >= 2)
  }

  /// The recorded tables themselves: the highest test accuracy after 200 epochs, and of those that
  /// have it the highest validation accuracy after 12.
  @Test(.enabled(if: SharedFolder.path("data/nasbench201") != nil))
  func theBestCellOfNASBench201IsTheTables() throws {
    func rows(_ name: String) throws -> [[String]] {
      let file = try #require(SharedFolder.path("data/nasbench201/\(name).csv"))
      return try String(contentsOf: file, encoding: .utf8)
        .split(whereSeparator: \.isNewline).dropFirst().map { line in
          line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }
    let long = try rows("nasbench201_200epochs").map { (cell: $0[3], test: Double($0[0]) ?? 0) }
    let highest = try #require(long.map { $0.test }.max())
    let best = long.filter { $0.test > highest - 1e-9 }.map { $0.cell }
    #expect(best.count == 2)
    let short = try rows("nasbench201_12epochs").filter { best.contains($0[1]) }
    let first = short.max { (Double($0[3]) ?? 0) < (Double($1[3]) ?? 0) }
    let found = try #require(PublishedArchitectures.named("nas-bench-201-best"))
    #expect(found.text == first?[1])
    #expect(abs(highest - 94.37) < 0.005)
  }
}
