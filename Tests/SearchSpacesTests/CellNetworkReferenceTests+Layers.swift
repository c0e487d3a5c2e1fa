import NeuralNetworks
import SearchCore
import SearchSpaces

extension CellNetworkReferenceTests {
  /// The macro space of ENAS at a small depth: operations and bits, a line a layer.
  private static let macro = """
    0
    1 1
    4 1 0
    2 0 1 1
    5 1 0 0 1
    3 0 1 0 0 0
    """

  /// Networks that are chosen layer by layer; printed by the same script.
  static let layeredCases = [
    NetworkCase(
      testDescription: "nas-chain-strided", size: 9, images: 15, loss: 1.7185416,
      make: {
        let space = NASChainStrided(depth: 4)
        let chain = try space.parse(
          "3 5 2 1 24 | 7 1 1 3 36 1 | 1 3 1 1 24 0 0 | 5 5 3 2 48 1 0 1")
        return space.network(of: chain, scale: TrainingProtocol.Scale(), classes: 5)
      },
      parts: [
        .init("classifier.bias", -0.129995045, 0.302344434),
        .init("classifier.weight", 0.301949273, 0.826206056),
        .init("layers.0", -0.0577420719, 0.335272338),
        .init("layers.1", -0.00305862927, 0.416213097),
        .init("layers.2", 0.0195558837, 0.116457741),
        .init("layers.3", -0.684988334, 1.42891223),
      ]),
    NetworkCase(
      testDescription: "nas-chain-pooled", size: 9, images: 29, loss: 1.58931283,
      make: {
        let space = NASChainPooled(depth: 6)
        let chain = try space.parse(
          "3 1 6 | 1 3 6 1 | 1 1 12 0 1 | 3 3 6 0 0 1 | 1 1 6 1 0 0 1 | 3 1 6 0 1 0 0 1")
        return space.network(of: chain, scale: TrainingProtocol.Scale(), classes: 5)
      },
      parts: [
        .init("classifier.bias", -0.0853090128, 0.200465491),
        .init("classifier.weight", 0.107769843, 0.40192309),
        .init("layers.0", -0.101962423, 0.292580159),
        .init("layers.1", -0.220682143, 0.397200895),
        .init("layers.2", 0.0475425238, 0.151716589),
        .init("layers.3", 0.0624307652, 0.340782472),
        .init("layers.4", -0.0106165992, 0.127819168),
        .init("layers.5", 0.0596628259, 0.37557329),
      ]),
    NetworkCase(
      testDescription: "enas-macro-child", size: 8, images: 24, loss: 1.40997043,
      make: {
        let space = ENASMacro(depth: 6)
        return ENASMacroSupernet(space, channels: 4, classes: 5, dropout: 0.1)
          .child(of: try space.parse(macro))
      },
      parts: [
        .init("classifier.weight", 0.0578525904, 0.420897512),
        .init("layers.0", 0.00869595859, 1.23946569),
        .init("layers.1", -0.0155184225, 0.256037),
        .init("layers.2", 0.0260770869, 0.120077862),
        .init("layers.3", 0.450481749, 0.834885102),
        .init("layers.4", -0.0801460228, 0.279380086),
        .init("layers.5", 0.282338418, 0.92793239),
        .init("reductions.0", -0.443452548, 1.05821468),
        .init("reductions.1", -0.0232245501, 0.628297412),
        .init("stem.bn", -0.0453467153, 0.267474183),
        .init("stem.conv", 0.513937636, 1.68713085),
      ]),
    NetworkCase(
      testDescription: "enas-macro-network", size: 8, images: 36, loss: 1.43500655,
      make: {
        let space = ENASMacro(depth: 6)
        return ENASMacroNetwork(
          try space.parse(macro), of: space, channels: 4, classes: 5, dropout: 0.5)
      },
      parts: [
        .init("classifier.weight", -0.0178466821, 1.07602768),
        .init("layers.0", -1.28114746, 3.47316393),
        .init("layers.1", 0.720416462, 1.82904843),
        .init("layers.2", -0.55715276, 1.68986883),
        .init("layers.3", 1.41112194, 4.80835315),
        .init("layers.4", -0.202746917, 2.59690857),
        .init("layers.5", 0.704667261, 2.26303728),
        .init("reductions.0", 0.635830465, 2.58911268),
        .init("reductions.1", 0.0823891182, 1.68896368),
        .init("stem.bn", -0.311130172, 0.530324488),
        .init("stem.conv", -0.753846484, 3.85472803),
      ]),
  ]
}
