import NeuralNetworks
import Randomness
import SearchCore
import SearchSpaces
import Testing

/// The chains with strides and with pooling.
@Suite struct NASChainVersionTests {
  private let strided = NASChainStrided(depth: 2)

  @Test func stridesAreChosenBetweenWidthAndFilters() throws {
    #expect(
      strided.decisions.map { $0.name } == [
        "layer 0 filter height", "layer 0 filter width", "layer 0 stride height",
        "layer 0 stride width", "layer 0 filters", "layer 1 filter height",
        "layer 1 filter width", "layer 1 stride height", "layer 1 stride width",
        "layer 1 filters", "layer 1 reads layer 0",
      ])
    #expect(strided.anchors == [5..<5, 10..<11])
    let text = "3 5 2 1 24 | 7 1 1 3 36 1"
    let chain = try strided.parse(text)
    #expect(strided.text(of: chain) == text)
    let layers = strided.layers(of: chain)
    #expect(layers.map { [$0.height, $0.width] } == [[3, 5], [7, 1]])
    #expect(layers.map { [$0.strideHeight, $0.strideWidth] } == [[2, 1], [1, 3]])
    #expect(layers.map { $0.filters } == [24, 36])
    #expect(
      strided.graphs(of: chain)[0].nodes
        == ["image", "3x5 by 2x1, 24", "7x1 by 1x3, 36", "classifier"])
  }

  @Test(arguments: [
    ("3 5 24", "nas-chain-strided: layer 0 has 3 number(s); expected 5"),
    ("3 5 4 1 24", "nas-chain-strided: layer 0 has '4'; expected one of 1, 2, 3"),
    (
      "3 3 1 1 24 | 3 3 1 1 24 0 | ",
      "nas-chain-strided: found 3 layer(s); expected 1 to 2 joined by '|'"
    ),
  ])
  func refusesOtherTexts(text: String, message: String) {
    #expect(throws: ArchitectureError(message)) { try strided.parse(text) }
  }

  @Test func theVersionsHaveThePapersDepths() {
    #expect(NASChain().depth == 15)
    #expect(NASChainStrided().depth == 20)
    #expect(NASChainPooled().depth * NASChainPooled.convolutionsPerLayer == 39)
    #expect(NASChainPooled.pooledLayers == [4, 7])
  }

  /// By hand. Block 0 reads 3 channels: 9·3·6, 9·9·6 and 9·15·6; block 1 reads 18: 3·18·12, 3·30·12
  /// and 3·42·12; normalisations 2·3·(6 + 12); classifier 36·10 + 10.
  @Test func aBlockIsThreeConvolutionsThatReadAllBefore() throws {
    let space = NASChainPooled()
    let chain = try space.parse("3 3 6 | 1 3 12 1")
    let network = space.network(of: chain, scale: TrainingProtocol.Scale(), classes: 10)
    #expect(
      network.parameters.count
        == 9 * (3 + 9 + 15) * 6 + 3 * (18 + 30 + 42) * 12 + 6 * 18 + 370)
    #expect((network as? any LayeredNetwork)?.depth == 7)
    #expect(
      space.graphs(of: chain)[0].nodes
        == ["image", "3 times 3x3, 6", "3 times 1x3, 12", "classifier"])
  }

  @Test func poolingFollowsTheFifthAndTheEighthBlock() throws {
    let space = NASChainPooled()
    var generator = RandomKey(seed: 1).generator()
    let nodes = space.graphs(of: space.sample(using: &generator))[0].nodes
    #expect(nodes.indices.filter { nodes[$0].hasSuffix(", pooled") } == [5, 8])
  }

  @Test(arguments: [NASChain(), NASChainStrided(), NASChainPooled()] as [any ConvolutionalChain])
  func deepSamplesSurviveARoundTrip(space: any ConvolutionalChain) throws {
    var generator = RandomKey(seed: 1).generator()
    for _ in 0..<20 {
      let chain = space.sample(using: &generator)
      #expect(chain.choices.count == space.decisionCount(depth: space.depth))
      #expect(try space.parse(space.text(of: chain)) == chain)
      let child = space.mutate(chain, using: &generator)
      #expect(zip(chain.choices, child.choices).count { $0 != $1 } == 1)
    }
  }
}
