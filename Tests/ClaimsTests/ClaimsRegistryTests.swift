import Claims
import Foundation
import TestSupport
import Testing

/// The figures that the project keeps, against what they were written down from.
@Suite struct ClaimsRegistryTests {
  static let tracked = Result {
    try ClaimsRegistry(folder: SharedFolder.repository.appending(path: "Benchmarks/claims"))
  }

  private func claim(_ id: String) throws -> PublishedResult {
    try #require(try Self.tracked.get().named(id), "\(id)")
  }

  // MARK: The tracked figures

  /// Every value of the list is there as often as in the list.
  @Test(
    .enabled(if: SharedFolder.path("reference/published-results.csv") != nil, "needs the list"))
  func theWholeListOfPublishedResultsIsThere() throws {
    let file = try #require(SharedFolder.path("reference/published-results.csv"))
    let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
    #expect(rows.count == 738)
    var found: [Double: Int] = [:]
    for claim in try Self.tracked.get().claims { found[claim.value, default: 0] += 1 }
    for row in rows {
      // The value stands behind the metric, whose name has no comma.
      let match = try #require(
        row.firstMatch(
          of: /(?:percent|perplexity|char|gpu_days|gpu_hours),([0-9.]+),/), "\(row)")
      let value = try #require(Double(match.1))
      found[value, default: 0] -= 1
      #expect(found[value] ?? -1 >= 0, "\(row)")
    }
  }

  @Test func figuresFromMemoryAreMarked() throws {
    let all = try Self.tracked.get().claims
    let values = all.filter { $0.status == .unverified }.map(\.value).sorted()
    #expect(values == [3.54, 3.63, 3.87, 57.6])
    #expect(all.count { !$0.unverified.isEmpty || $0.status == .unverified } == 8)
  }

  @Test func knownErrataAreThere() throws {
    #expect(
      try claim("enas/enas-recurrent-cell/ptb-test-perplexity").errata?.contains("56.3") == true)
    let deep = try claim("nas/resnet-stochastic-depth-1202/cifar10-test-error")
    #expect(deep.errata?.contains("19.4") == true)
    #expect(try claim("densenet/densenet-bc-190-40/parameters").errata?.contains("190") == true)
  }

  /// What is checked has what its check needs; what is not has none of it.
  @Test func cheapLevelsCanBeChecked() throws {
    for claim in try Self.tracked.get().claims {
      switch claim.level {
      case .architecture:
        #expect(claim.metric == .parameters && claim.network != nil && claim.margin != nil)
      case .checkpoint: #expect(claim.check != nil && claim.margin != nil && claim.network != nil)
      case .replay: #expect(claim.method != nil && (claim.margin ?? 0) > 0)
      case .training, .paper: continue
      }
    }
  }

  // MARK: Reading folders

  @Test func anIdOfTwoFilesIsRefused() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["a.csv", "b.csv"] {
      try Data((ClaimsFileTests.header + ClaimsFileTests.row).utf8)
        .write(to: folder.appending(path: name))
    }
    let error = #expect(throws: ClaimsError.self) { try ClaimsRegistry(folder: folder) }
    #expect(error?.description == "b.csv:2: id “a/b” stands in a.csv already; ids are unique")
  }

  @Test func noFolderIsNoFigure() throws {
    #expect(try ClaimsRegistry(folder: URL(filePath: "/nowhere")).claims.isEmpty)
  }

  // MARK: Filters

  @Test func filtersNarrow() throws {
    let registry = try Self.tracked.get()
    var filter = ClaimsFilter()
    filter.levels = [.checkpoint]
    filter.ids = ["resnet-reimplementation/"]
    #expect(registry.filtered(by: filter).map(\.value) == [827, 737])
    filter.ids = []
    filter.method = "ResNet-20"
    #expect(registry.filtered(by: filter).map(\.value) == [827])
    filter.dataset = "ptb"
    #expect(registry.filtered(by: filter).isEmpty)
    filter = ClaimsFilter()
    filter.ids = ["pc-darts/"]
    #expect(registry.filtered(by: filter).count == 2)
    filter.status = .verified
    #expect(registry.filtered(by: filter).isEmpty)
  }
}

/// What a method gives, against integrals and tables of others.
@Suite struct MethodExpectationTests {
  private func claim(_ id: String) throws -> PublishedResult {
    try #require(try ClaimsRegistryTests.tracked.get().named(id))
  }

  /// 2.84 ± 0.27 of four searches and 2.57 of the best cell do not contradict each other: the
  /// expected least of four normal values is 1.02938 spreads below the mean (Harter 1961, Table 1).
  @Test func theBestOfFourSearchesIsThePrintedCell() throws {
    let method = try claim("pc-darts/pc-darts-four-searches/cifar10-test-error")
    let cell = try claim("pc-darts/pc-darts/cifar10-test-error")
    let registry = try ClaimsRegistryTests.tracked.get()
    #expect(registry.beside(cell).map(\.id).contains(method.id))
    let found = try #require(MethodExpectation(method, count: 4))
    #expect((found.best - (2.84 - 1.02938 * 0.27)).magnitude < 1e-4)
    #expect((found.best - cell.value).magnitude < 0.01)
    // t(0.975, 3) is 3.18245.
    let interval = try #require(found.meanInterval)
    #expect((interval.high - (2.84 + 3.18245 * 0.27 / 2)).magnitude < 1e-4)
    #expect(found.bestInterval.low < found.best && found.best < found.bestInterval.high)
  }

  @Test func aPublishedBestIsComputedBack() throws {
    var claim = try claim("pc-darts/pc-darts-four-searches/cifar10-test-error")
    (claim.statistic, claim.value, claim.runs) = (.best, 2.5, 2)
    let found = try #require(MethodExpectation(claim, count: 2))
    // Of two: 1 / √π.
    #expect(found.isFromBest && (found.mean - (2.5 + 0.27 * 0.5641896)).magnitude < 1e-6)
    #expect((found.best - 2.5).magnitude < 1e-9)
  }

  @Test func withoutSpreadNothingFollows() throws {
    var claim = try claim("pc-darts/pc-darts-four-searches/cifar10-test-error")
    claim.spread = nil
    #expect(MethodExpectation(claim) == nil)
  }

  @Test func higherIsBetterForAccuracies() throws {
    let search = try claim("nas-bench-201/random-search/test")
    let found = try #require(MethodExpectation(search, count: 10))
    // 1.53875 for ten (Harter 1961).
    #expect((found.best - (93.7 + 1.53875 * 0.36)).magnitude < 1e-4)
    #expect(found.bestInterval.high > found.best)
  }
}
