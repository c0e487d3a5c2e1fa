import Randomness
import SearchCore
import SearchSpaces
import Testing

@Suite struct NASChainTests {
  private let space = NASChain(depth: 4)
  private static let text = "3 5 24 | 7 1 36 1 | 1 3 24 0 0 | 5 5 48 1 0 1"

  @Test func readsAndWritesTheControllersTokens() throws {
    let chain = try space.parse(Self.text)
    #expect(space.text(of: chain) == Self.text)
    let layers = space.layers(of: chain)
    #expect(layers.map { $0.height } == [3, 7, 1, 5])
    #expect(layers.map { $0.width } == [5, 1, 3, 5])
    #expect(layers.map { $0.filters } == [24, 36, 24, 48])
    #expect(layers.map { $0.inputs } == [[], [0], [], [0, 2]])
  }

  @Test(arguments: [
    ("3 3 24 | | | | ", "nas-chain: found 5 layer(s); expected 1 to 4 joined by '|'"),
    ("", "nas-chain: layer 0 has 0 number(s); expected 3"),
    ("3 3 24 | 3 3 24 | 3 3 24 | 3", "nas-chain: layer 1 has 3 number(s); expected 4"),
    ("3 3 24 | 3 3 24 2 | | ", "nas-chain: layer 1 has '2'; expected one of 0, 1"),
    ("3 3 24 | 3 2 24 1 | | ", "nas-chain: layer 1 has '2'; expected one of 1, 3, 5, 7"),
    (String(repeating: "3", count: 4001), "nas-chain: text has 4001 bytes; expected at most 4000"),
  ])
  func refusesOtherTexts(text: String, message: String) {
    #expect(throws: ArchitectureError(message)) { try space.parse(text) }
  }

  @Test func theFirstLayersAreAChainAsWell() throws {
    let chain = try space.parse(Self.text)
    let short = Architecture(
      space: NASChain.name, choices: Array(chain.choices.prefix(space.decisionCount(depth: 3))))
    #expect(space.text(of: short) == "3 5 24 | 7 1 36 1 | 1 3 24 0 0")
    #expect(try space.parse("3 5 24 | 7 1 36 1 | 1 3 24 0 0") == short)
    #expect(space.layers(of: short) == Array(space.layers(of: chain).prefix(3)))
    #expect(space.decisionCount(depth: 4) == space.decisions.count)
    // By hand: 15·3·24, 7·24·36 and 3·3·24 in filters, 2·84 in normalisations, 60·10 + 10.
    let network = space.network(of: short, scale: TrainingProtocol.Scale(), classes: 10)
    #expect(network.parameters.count == 1_080 + 6_048 + 216 + 168 + 610)
  }

  @Test func aDeepSampleSurvivesARoundTrip() throws {
    let deep = NASChain()
    var generator = RandomKey(seed: 1).generator()
    for _ in 0..<20 {
      let chain = deep.sample(using: &generator)
      #expect(try deep.parse(deep.text(of: chain)) == chain)
      let child = deep.mutate(chain, using: &generator)
      #expect(zip(chain.choices, child.choices).count { $0 != $1 } == 1)
    }
  }

  /// A layer that reads none reads the image; layers 1 and 3 are read by nobody.
  @Test func repairRulesFollowThePaper() throws {
    let graph = try #require(space.graphs(of: space.parse(Self.text)).first)
    #expect(
      graph.edges.map { [$0.source, $0.target] } == [
        [0, 1], [1, 2], [0, 3], [1, 4], [3, 4], [2, 5], [4, 5],
      ])
    let network = space.network(
      of: try space.parse(Self.text), scale: TrainingProtocol.Scale(), classes: 10)
    // By hand: 15·3·24, 7·24·36, 3·3·24 and 25·48·48 in filters, 2·132 in normalisations, 84·10 + 10.
    #expect(network.parameters.count == 1_080 + 6_048 + 216 + 57_600 + 264 + 850)
  }
}
