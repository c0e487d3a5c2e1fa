import NeuralNetworks
import SearchCore

/// The found architectures that have names, sorted by name.
public enum PublishedArchitectures {
  public static let all = [
    PublishedArchitecture(
      "amoebanet-a", AmoebaNetCells(), AmoebaNetCells.found, .amoebaNetEvaluation,
      "AmoebaNet-A of regularized evolution, as the authors released it; its parameters are the "
        + "published ones", source: "arXiv 1802.01548"),
    PublishedArchitecture(
      "amoebanet-a-darts", DARTSCells(), DARTSCells.amoebaNet, .dartsEvaluation,
      "AmoebaNet-A as the authors of DARTS wrote it down: other cells, in DARTS' network",
      source: "arXiv 1806.09055, released code"),
    PublishedArchitecture(
      "darts-v1", DARTSCells(), DARTSCells.firstOrder, .dartsEvaluation,
      "DARTS_V1 of the first-order search", source: "arXiv 1806.09055, released code"),
    PublishedArchitecture(
      "darts-v2", DARTSCells(), DARTSCells.secondOrder, .dartsEvaluation,
      "DARTS_V2 of the second-order search", source: "arXiv 1806.09055, released code"),
    PublishedArchitecture(
      "enas-micro", ENASMicro(), ENASMicro.found, .enasEvaluation,
      "the cells of ENAS' micro search in its released script; the paper's have 4.6 million "
        + "parameters", source: "arXiv 1802.03268, released code"),
    PublishedArchitecture(
      "nas-bench-201-best", NASBench201(), NASBench201.best, .nasBench201Full,
      "highest recorded accuracy on CIFAR-10: of the two cells with 94.37 % of the test images "
        + "after 200 epochs, the one with the most validation images after 12",
      source: "arXiv 2001.00326, recorded tables"),
    PublishedArchitecture(
      "nasnet-a", NASNetCells(), NASNetCells.found, .nasNetEvaluation,
      "NASNet-A, 6 @ 768: the best cells of the search by reinforcement learning",
      source: "arXiv 1707.07012, released code"),
  ]

  /// The architecture with a name, or `nil` if there is none.
  public static func named(_ name: String) -> PublishedArchitecture? {
    all.first { $0.name == name }
  }
}

/// An architecture that somebody found, with what its paper makes of it.
public struct PublishedArchitecture: Sendable {
  /// Stable id, lower kebab case.
  public let name: String
  /// What it is, in one line.
  public let summary: String
  /// Where it comes from.
  public let source: String
  /// Stable id of the space in whose notation it is written.
  public let space: String
  /// The architecture in the paper's notation.
  public let text: String
  /// Its cells, to be drawn.
  public let graphs: [CellGraph]
  /// Whether its network has a place for an auxiliary head.
  public let hasAuxiliaryHead: Bool
  /// The paper's own size.
  public let scale: TrainingProtocol.Scale
  /// Whether the scale's channels are the network's; those of a chain are written in its text.
  public let takesChannels: Bool
  /// Layers of the network, where it is no stack of the scale's cells.
  public let layers: Int?
  private let build: @Sendable (TrainingProtocol.Scale, Int, NetworkOptions) -> any Network

  init(
    _ name: String, _ space: some CellPairSpace, _ cells: CellPair, _ recipe: TrainingProtocol,
    _ summary: String, source: String
  ) {
    self.init(
      name, space, space.text(of: cells), cells.graphs, layers: nil, recipe, summary, source
    ) { scale, classes, options in
      space.network(of: cells, scale: scale, classes: classes, options: options)
    }
  }

  init(
    _ name: String, _ space: some TrainableSearchSpace, _ architecture: Architecture,
    _ recipe: TrainingProtocol, _ summary: String, source: String
  ) {
    self.init(
      name, space, space.text(of: architecture), space.graphs(of: architecture),
      layers: space.layerCount(of: architecture), recipe, summary, source
    ) { scale, classes, options in
      space.network(of: architecture, scale: scale, classes: classes, options: options)
    }
  }

  private init(
    _ name: String, _ space: some TrainableSearchSpace, _ text: String, _ graphs: [CellGraph],
    layers: Int?, _ recipe: TrainingProtocol, _ summary: String, _ source: String,
    build: @escaping @Sendable (TrainingProtocol.Scale, Int, NetworkOptions) -> any Network
  ) {
    (self.name, self.space, self.text, self.graphs) = (name, type(of: space).name, text, graphs)
    hasAuxiliaryHead = space.hasAuxiliaryHeads
    (takesChannels, self.layers) = (space.takesChannels, layers)
    (self.summary, self.source, scale, self.build) = (summary, source, recipe.scale, build)
  }

  /// Reads an architecture from a space's notation, at the size that the space's paper trains it.
  ///
  /// - Throws: `ArchitectureError` as the space's `parse` does. Cells that join other states than
  ///   their space's rule says are read too, where the notation can say so, and networks of another
  ///   depth than the space's search has.
  public init(
    reading text: String, in space: any TrainableSearchSpace
  ) throws(ArchitectureError) {
    let text = EditedText(text).text
    let (name, recipe) = (type(of: space).name, type(of: space).paperRecipe)
    let (summary, source) = ("an architecture of \(name)", "given")
    if let space = space as? any CellPairSpace {
      self.init(
        name, space, try space.cells(in: text), recipe, summary, source: source)
    } else {
      let space = space.fitting(text)
      self.init(name, space, try space.parse(text), recipe, summary, source: source)
    }
  }

  /// Builds the network; parameters are declared, not drawn.
  public func network(
    scale: TrainingProtocol.Scale, classes: Int = 10, options: NetworkOptions = NetworkOptions()
  ) -> any Network {
    build(scale, classes, options)
  }
}
