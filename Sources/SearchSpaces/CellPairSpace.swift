import NeuralNetworks
import SearchCore

/// A space whose architectures are a normal and a reduction cell.
public protocol CellPairSpace: TrainableSearchSpace {
  /// How the paper's code stacks its cells.
  static var wiring: CellWiring { get }

  /// The cells that an architecture's choices stand for.
  func cells(of architecture: Architecture) -> CellPair

  /// Writes cells in the paper's notation, those that a paper published outside its own space too.
  func text(of cells: CellPair) -> String

  /// Reads such a text.
  ///
  /// - Throws: `ArchitectureError` as `parse` does.
  func cells(in text: String) throws(ArchitectureError) -> CellPair
}

extension CellPairSpace {
  public func text(of architecture: Architecture) -> String { text(of: cells(of: architecture)) }

  public func cells(in text: String) throws(ArchitectureError) -> CellPair {
    cells(of: try parse(text))
  }

  /// A text that is equal for cells that differ in the order of nodes and inputs alone.
  public func identity(of architecture: Architecture) -> String {
    let cells = cells(of: architecture)
    return cells.normal.identity + cells.reduction.identity
  }

  public func graphs(of architecture: Architecture) -> [CellGraph] {
    cells(of: architecture).graphs
  }

  public func network(
    of architecture: Architecture, scale: TrainingProtocol.Scale, classes: Int,
    options: NetworkOptions
  ) -> any Network {
    network(of: cells(of: architecture), scale: scale, classes: classes, options: options)
  }

  /// Builds the network of two cells; parameters are declared, not drawn.
  public func network(
    of cells: CellPair, scale: TrainingProtocol.Scale, classes: Int, options: NetworkOptions
  ) -> CellNetwork {
    CellNetwork(
      cells: cells, wiring: Self.wiring, channels: scale.channels, cellsPerStage: scale.cells,
      classes: classes, options: options)
  }
}
