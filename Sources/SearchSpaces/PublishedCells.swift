import NeuralNetworks
import SearchCore
import TensorCore

/// The found recurrent cells that have names, sorted by name.
public enum PublishedCells {
  public static let all = [
    PublishedCell(
      "darts-rnn-v1", DARTSRecurrent(),
      DARTSRecurrent().architecture(of: .firstOrder), "DARTS_V1 of the first-order search",
      source: "arXiv 1806.09055, released code"),
    PublishedCell(
      "darts-rnn-v2", DARTSRecurrent(),
      DARTSRecurrent().architecture(of: .secondOrder), "DARTS_V2 of the second-order search",
      source: "arXiv 1806.09055, released code"),
    PublishedCell(
      "enas-lm", ENASLanguage(), ENASLanguage.found,
      "the cell of ENAS' corrected language model, 56.1 to 57.3 on the Penn Treebank",
      source: "google-research, enas_lm"),
    PublishedCell(
      "enas-ptb", ENASRecurrent(), ENASRecurrent.found,
      "the cell of ENAS in its released script; its authors call that code wrong",
      source: "arXiv 1802.03268, released code"),
    PublishedCell(
      "enas-ptb-darts", ENASRecurrent(), ENASRecurrent().architecture(of: ENASRecurrent.inDARTS),
      "the cell of ENAS as the authors of DARTS wrote it down: another one",
      source: "arXiv 1806.09055, released code"),
    PublishedCell(
      "nas-cell", NASRecurrent(), NASRecurrent.found,
      "the cell of the search by reinforcement learning, base 8, without biases",
      source: "arXiv 1611.01578; TensorFlow's NASCell"),
  ]

  /// The cell with a name, or `nil` if there is none.
  public static func named(_ name: String) -> PublishedCell? { all.first { $0.name == name } }
}

/// An architecture that has a name and a source, or that was written down.
public protocol FoundArchitecture: Sendable {
  /// Stable id, lower kebab case.
  var name: String { get }
  /// What it is, in one line.
  var summary: String { get }
  /// Where it comes from.
  var source: String { get }
  /// Stable id of the space in whose notation it is written.
  var space: String { get }
  /// The architecture in the paper's notation.
  var text: String { get }
  /// Its cells, to be drawn.
  var graphs: [CellGraph] { get }
}

extension PublishedArchitecture: FoundArchitecture {}

/// A recurrent cell that somebody found, with what its paper makes of it.
public struct PublishedCell: FoundArchitecture {
  public let name: String
  public let summary: String
  public let source: String
  public let space: String
  public let text: String
  public let graphs: [CellGraph]
  /// The paper's own size and training.
  public let training: TextTraining
  private let build: @Sendable (Int, TextTraining) -> any LanguageModel

  init<Space: LanguageSearchSpace>(
    _ name: String, _ space: Space, _ architecture: Architecture, _ summary: String,
    source: String
  ) {
    (self.name, self.summary, self.source) = (name, summary, source)
    (self.space, text) = (Space.name, space.text(of: architecture))
    (graphs, training) = (space.graphs(of: architecture), Space.paperRecipe.text ?? TextTraining())
    build = { space.model(of: architecture, words: $0, training: $1) }
  }

  /// Reads a cell from a space's notation, at the size that the space's paper trains it.
  ///
  /// - Throws: `ArchitectureError` as the space's `parse` does.
  public init(
    reading text: String, in space: any LanguageSearchSpace
  ) throws(ArchitectureError) {
    let name = type(of: space).name
    self.init(name, space, try space.parse(text), "a cell of \(name)", source: "given")
  }

  /// Builds the language model; parameters are declared, not drawn.
  ///
  /// - Parameter words: Size of the vocabulary.
  public func model(words: Int, training: TextTraining) -> any LanguageModel {
    build(words, training)
  }
}

/// How large a language model is, and what it computes.
public struct LanguageModelSize: Hashable, Codable, Sendable {
  /// All weights; those of tied embeddings once.
  public let parameters: Int
  /// Operations of one word of one sequence forward, two a multiply-add, with the scores of all
  /// words and the loss; what budgets are charged by.
  public let flops: Int
  /// Multiply-adds of its matrix products.
  public let multiplyAdds: Int

  /// Measures a model.
  public init(of model: any LanguageModel) {
    let tape = Tape.dry(isTraining: false)
    _ = model.score(
      .unwritten(batch: 1, steps: 1), from: model.initialState(batch: 1, on: tape), on: tape,
      during: nil)
    parameters = model.parameters.count
    flops = tape.operations.reduce(0) { $0 + $1.flops }
    multiplyAdds =
      tape.operations.filter { $0.kind != .memoryBound }.reduce(0) { $0 + $1.flops } / 2
  }
}
