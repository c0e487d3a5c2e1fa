import Randomness
import SearchCore
import SearchMethods
import SearchSpaces
import Testing

/// A method of the catalogue with a space of the catalogue.
struct MethodCase: CustomTestStringConvertible, Sendable {
  let method: any SearchMethod.Type
  let space: any SearchSpace

  var testDescription: String { "\(method.name) on \(type(of: space).name)" }

  static let all = SearchMethodCatalog.all.flatMap { method in
    SearchSpaceCatalog.all.map { MethodCase(method: method, space: $0) }
  }

  func make(seed: UInt64) -> any SearchMethod {
    method.init(
      space: space, settings: MethodSettings(of: method.settings), key: RandomKey(seed: seed))
  }

  /// The architectures of a search whose scores depend on the architecture alone.
  func trajectory(seed: UInt64, trials: Int) -> [Architecture] {
    var search = make(seed: seed)
    return (0..<trials).map { trial in
      let architecture = search.ask()
      let score = Double(architecture.choices.reduce(1) { ($0 * 7 + $1) % 101 }) / 101
      search.tell(
        Observation(
          architecture: architecture, validationError: trial % 11 == 10 ? nil : score))
      return architecture
    }
  }
}

@Suite struct SearchMethodConformanceTests {
  @Test(arguments: MethodCase.all)
  func sameKeyGivesSameTrajectory(_ example: MethodCase) {
    #expect(
      example.trajectory(seed: 3, trials: 250) == example.trajectory(seed: 3, trials: 250))
  }

  @Test(arguments: MethodCase.all)
  func otherKeyGivesOtherTrajectory(_ example: MethodCase) {
    #expect(example.trajectory(seed: 3, trials: 20) != example.trajectory(seed: 4, trials: 20))
  }

  @Test(arguments: MethodCase.all)
  func proposalsBelongToTheSpace(_ example: MethodCase) throws {
    for architecture in example.trajectory(seed: 5, trials: 250) {
      let text = example.space.text(of: architecture)
      #expect(try example.space.parse(text) == architecture)
    }
  }

  @Test(arguments: MethodCase.all)
  func minimumAndSettingsMakeSense(_ example: MethodCase) {
    #expect(example.make(seed: 1).minimumTrials >= 1)
    for setting in example.method.settings {
      #expect(setting.range.contains(setting.defaultValue), "\(setting.name)")
    }
  }

  @Test func catalogueIsSortedAndFindsItsMethods() {
    #expect(
      SearchMethodCatalog.names == [
        "nas", "ppo", "random-search", "regularized-evolution", "reinforce",
      ])
    #expect(SearchMethodCatalog.names == SearchMethodCatalog.names.sorted())
    #expect(SearchMethodCatalog.named("reinforce")?.name == "reinforce")
    #expect(SearchMethodCatalog.named("hill-climbing") == nil)
  }
}
