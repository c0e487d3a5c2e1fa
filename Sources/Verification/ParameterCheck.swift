import Claims
import NeuralNetworks
import SearchSpaces

/// Counts the parameters of the network that a claim names; an auxiliary head is no part of it.
public struct ParameterCheck: ClaimCheck {
  public let seconds = 0.001
  private let count: Int

  /// Builds the network.
  ///
  /// - Throws: `CheckFailure` if no network has the name.
  public init(_ claim: PublishedResult) throws(CheckFailure) {
    guard let name = claim.network else {
      throw CheckFailure("the claim names no network; give it one in \(claim.file)")
    }
    if let network = NamedNetworks.named(name)?.network() {
      count = network.parameters.count
    } else if let found = PublishedArchitectures.named(name) {
      count = ArchitectureSize(of: found.network(scale: found.scale)).parameters
    } else if let cell = PublishedCells.named(name) {
      // The words of the Penn Treebank.
      let model = cell.model(words: 10_000, training: cell.training)
      count = LanguageModelSize(of: model).parameters
    } else {
      throw CheckFailure("there is no network '\(name)'; type 'searchlight architecture list'")
    }
  }

  public func judge(_ claim: PublishedResult, by rule: VerdictRule) -> Judgement {
    var judgement = rule.judge(claim, count: Double(count) / 1e6)
    judgement.reason += "; exactly \(count)"
    return judgement
  }
}
