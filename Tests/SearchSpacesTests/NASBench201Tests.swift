import Foundation
import Randomness
import SearchCore
import SearchSpaces
import TestSupport
import Testing

@Suite struct NASBench201Tests {
  private let space = NASBench201()
  private static let text =
    "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|none~2|"

  /// All 5⁶ cells.
  private static let cells = (0..<15_625).map { number in
    var rest = number
    return Architecture(
      space: NASBench201.name,
      choices: (0..<6).map { _ in
        defer { rest /= 5 }
        return rest % 5
      })
  }

  @Test func readsAndWritesTheAuthorsNotation() throws {
    let cell = try space.parse(Self.text)
    #expect(cell.choices == [3, 0, 4, 1, 2, 0])
    #expect(space.text(of: cell) == Self.text)
  }

  @Test func everyCellSurvivesARoundTrip() throws {
    for cell in Self.cells { #expect(try space.parse(space.text(of: cell)) == cell) }
  }

  @Test(arguments: [
    ("", "nas-bench-201: found 1 node(s) in ''; expected 3 joined by '+'"),
    (
      "|none~0|+|none~0|+|none~0|none~1|none~2|",
      "nas-bench-201: node 2 is '|none~0|'; expected 2 edge(s) between '|'"
    ),
    (
      "|none~0|+|none~0|none~0|+|none~0|none~1|none~2|",
      "nas-bench-201: edge 2←1 is 'none~0'; expected it to end in '~1'"
    ),
    (
      "|conv~0|+|none~0|none~1|+|none~0|none~1|none~2|",
      "nas-bench-201: edge 1←0 has operation 'conv'; expected one of none, skip_connect, "
        + "nor_conv_1x1, nor_conv_3x3, avg_pool_3x3"
    ),
    (
      String(repeating: "x", count: 201),
      "nas-bench-201: text has 201 bytes; expected at most 200"
    ),
  ])
  func refusesOtherTexts(text: String, message: String) {
    #expect(throws: ArchitectureError(message)) { try space.parse(text) }
  }

  /// The paper counts 6,466 unique cells.
  @Test func hasThePublishedNumberOfClasses() {
    #expect(Set(Self.cells.map(space.identity(of:))).count == 6_466)
  }

  // Skipped without the recorded table of ../shared, which the project does not contain.
  @Test(.enabled(if: SharedFolder.path(table) != nil))
  func identityPartitionsLikeTheRecordedUniqueStrings() throws {
    let file = try #require(SharedFolder.path(Self.table))
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
    var pairs: Set<String> = []
    for line in lines {
      let fields = line.split(separator: ",")
      let cell = try space.parse(String(fields[3]))
      pairs.insert("\(space.identity(of: cell)) \(fields[4])")
    }
    #expect(lines.count == 15_625)
    #expect(pairs.count == 6_466)
  }
  private static let table = "data/nasbench201/nasbench201_200epochs.csv"

  @Test func mutationChangesOneEdgeAndReachesEveryNeighbour() {
    var generator = RandomKey(seed: 7).generator()
    let parent = Self.cells[7_421]
    var reached: [[Int]: Int] = [:]
    for _ in 0..<4_000 {
      let child = space.mutate(parent, using: &generator)
      let changed = zip(child.choices, parent.choices).filter { $0 != $1 }.count
      #expect(changed == 1)
      reached[child.choices, default: 0] += 1
    }
    #expect(reached.count == 24)
    // Node first, then edge: the edge into node 1 changes a third of the time, 1,333 expected
    // with a standard deviation of 30.
    let first = reached.filter { $0.key[0] != parent.choices[0] }.values.reduce(0, +)
    #expect(abs(first - 1_333) < 150)
  }

  @Test func samplesUniformlyAndRepeatably() {
    var one = RandomKey(seed: 1).generator()
    var two = RandomKey(seed: 1).generator()
    var counts = [Int](repeating: 0, count: 5)
    for _ in 0..<2_000 {
      let cell = space.sample(using: &one)
      #expect(cell == space.sample(using: &two))
      for choice in cell.choices { counts[choice] += 1 }
    }
    // 2,400 expected with a standard deviation of 44.
    for count in counts { #expect(abs(count - 2_400) < 220) }
  }

  @Test func graphLeavesOutEdgesWithoutOperation() throws {
    let graph = try #require(space.graphs(of: space.parse(Self.text)).first)
    #expect(graph.nodes == ["input", "1", "2", "output"])
    #expect(
      graph.edges == [
        .init(source: 0, target: 1, operation: "nor_conv_3x3"),
        .init(source: 1, target: 2, operation: "avg_pool_3x3"),
        .init(source: 0, target: 3, operation: "skip_connect"),
        .init(source: 1, target: 3, operation: "nor_conv_1x1"),
      ])
  }

  @Test func catalogueIsSortedAndFindsItsSpaces() {
    #expect(SearchSpaceCatalog.names == SearchSpaceCatalog.names.sorted())
    #expect(SearchSpaceCatalog.named("nas-bench-201") != nil)
    #expect(SearchSpaceCatalog.named("nas-bench-101") == nil)
  }
}
