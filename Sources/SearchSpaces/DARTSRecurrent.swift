import NeuralNetworks
import SearchCore
import TensorCore

/// The recurrent space of DARTS: eight nodes behind a first state of the input and the hidden state,
/// each a function of one earlier state; the mean of the nodes is the next hidden state.
///
/// DARTS defines no mutation: any choice changes. Paths share a node's weights whatever it reads
/// and computes, as in the released supernet.
///
/// Source: Liu et al., arXiv 1806.09055, section 3.2, and the released code.
public struct DARTSRecurrent: HighwayCellSpace {
  public static let name = "darts-recurrent"

  public static let choices = HighwayChoices(
    nodes: 8, activations: [.tanh, .relu, .sigmoid, .identity], choosesInitial: false,
    output: .nodes)

  public static let paperRecipe = TrainingProtocol.dartsRecurrentEvaluation

  /// Longest text that is looked at, in bytes; a genotype has about 200, and more in many lines.
  private static let longestText = 2000

  public let decisions = DARTSRecurrent.choices.decisions

  /// Makes the space; it has no parameters.
  public init() {}

  /// Writes the nodes as the paper's figures name them: `sigmoid(0) relu(1) …`.
  public func text(of architecture: Architecture) -> String {
    genotype(of: architecture).nodes.map { "\($0.activation)(\($0.predecessor))" }
      .joined(separator: " ")
  }

  /// Reads that, or what the released code prints:
  /// `Genotype(recurrent=[('sigmoid', 0), …], concat=range(1, 9))`, with blanks, quotes and lines as
  /// those who build on it have them.
  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    guard text.utf8.count <= Self.longestText else {
      throw ArchitectureError(
        "\(Self.name): text has \(text.utf8.count) bytes; expected at most \(Self.longestText)")
    }
    let nodes =
      text.contains("Genotype") ? try releasedNodes(in: text) : try writtenNodes(in: text)
    return architecture(of: RecurrentGenotype(nodes))
  }

  private func writtenNodes(
    in text: String
  ) throws(ArchitectureError) -> [RecurrentGenotype.Node] {
    let parts = EditedText(text).text.split { $0.isWhitespace }
    guard parts.count == Self.choices.nodes else {
      throw ArchitectureError(
        "\(Self.name): found \(parts.count) node(s) in '\(text)'; expected \(Self.choices.nodes)")
    }
    var nodes: [RecurrentGenotype.Node] = []
    for part in parts {
      let halves = part.split(separator: "(", omittingEmptySubsequences: false)
      guard halves.count == 2, halves[1].hasSuffix(")") else {
        throw ArchitectureError(
          "\(Self.name): node \(nodes.count + 1) is '\(part)'; expected a function and a state: "
            + "tanh(0)")
      }
      nodes.append(try node(nodes.count + 1, String(halves[0]), String(halves[1].dropLast())))
    }
    return nodes
  }

  private func releasedNodes(
    in text: String
  ) throws(ArchitectureError) -> [RecurrentGenotype.Node] {
    var scanner = GenotypeScanner(text, of: Self.name)
    try scanner.expect("Genotype(recurrent=[")
    var nodes: [RecurrentGenotype.Node] = []
    while nodes.count < Self.choices.nodes {
      try scanner.expect(nodes.isEmpty ? "('" : ",('")
      let function = scanner.take { $0 != "'" }
      try scanner.expect("',")
      let state = scanner.take { $0 != ")" }
      nodes.append(try node(nodes.count + 1, function, state))
      try scanner.expect(")")
    }
    try scanner.expect("],concat=")
    let states = (1...Self.choices.nodes).map(String.init).joined(separator: ",")
    if !scanner.skip("[\(states)]"), !scanner.skip("(\(states))") {
      try scanner.expect("range(1,\(Self.choices.nodes + 1))")
    }
    try scanner.expect(")")
    try scanner.expectEnd()
    return nodes
  }

  private func node(
    _ index: Int, _ function: String, _ state: String
  ) throws(ArchitectureError) -> RecurrentGenotype.Node {
    let activations = Self.choices.activations
    guard let activation = activations.first(where: { "\($0)" == function }) else {
      throw ArchitectureError(
        "\(Self.name): node \(index) has function '\(function)'; expected one of "
          + activations.map { "\($0)" }.joined(separator: ", "))
    }
    guard let predecessor = (0..<index).first(where: { String($0) == state }) else {
      throw ArchitectureError(
        "\(Self.name): node \(index) reads state '\(state)'; expected "
          + (index == 1 ? "0" : "0 to \(index - 1)"))
    }
    return RecurrentGenotype.Node(activation, predecessor)
  }

  public func sharedWeights(words: Int, training: TextTraining) -> any SharedLanguagePaths {
    SharedHighwayCells(self, words: words, training: training) { place, parameters in
      let weights = RecurrentCellWeights(nodes: Self.choices.nodes, place, training, parameters)
      return { _ in weights }
    }
  }
}
