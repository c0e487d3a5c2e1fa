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

  /// Those of methods that can have several proposals under way.
  static let asynchronous = all.filter { example in
    example.method.settings.contains { ["workers", "replicas"].contains($0.name) }
  }

  func make(seed: UInt64, replacing changes: [String: Double] = [:]) -> any SearchMethod {
    method.init(
      space: space, settings: MethodSettings(of: method.settings, replacing: changes),
      key: RandomKey(seed: seed))
  }

  /// The proposals of a search whose scores depend on the architecture alone.
  ///
  /// As many are under way as the method has workers; of those, one drawn at random ends first.
  func trajectory(
    seed: UInt64, trials: Int, replacing changes: [String: Double] = [:]
  ) -> [Proposal] {
    var search = make(seed: seed, replacing: changes)
    var order = RandomKey(seed: 77).generator()
    var underWay: [(trial: Int, architecture: Architecture)] = []
    return (0..<trials).map { trial in
      let proposal = search.ask()
      underWay.append((trial, proposal.architecture))
      if underWay.count == search.workers {
        let (ended, architecture) = underWay.remove(at: order.integer(below: underWay.count))
        let score = Double(architecture.choices.reduce(1) { ($0 * 7 + $1) % 101 }) / 101
        search.tell(
          Objective.classificationError.observation(
            trial: ended, architecture: architecture,
            value: ended % 11 == 10 ? nil : score))
      }
      return proposal
    }
  }
}

@Suite struct SearchMethodConformanceTests {
  @Test(arguments: MethodCase.all)
  func sameKeyGivesSameTrajectory(_ example: MethodCase) {
    #expect(
      example.trajectory(seed: 3, trials: 130) == example.trajectory(seed: 3, trials: 130))
  }

  @Test(arguments: MethodCase.all)
  func otherKeyGivesOtherTrajectory(_ example: MethodCase) {
    #expect(example.trajectory(seed: 3, trials: 20) != example.trajectory(seed: 4, trials: 20))
  }

  /// Settings under which a method has several proposals under way.
  private static let many = ["workers": 7.0, "replicas": 7, "population-size": 20]

  @Test(arguments: MethodCase.asynchronous)
  func manyWorkersGiveTheSameTrajectoryForTheSameKey(_ example: MethodCase) throws {
    #expect(example.make(seed: 3, replacing: Self.many).workers == 7)
    let proposals = example.trajectory(seed: 3, trials: 140, replacing: Self.many)
    #expect(proposals == example.trajectory(seed: 3, trials: 140, replacing: Self.many))
    for architecture in proposals.map(\.architecture) {
      #expect(try example.space.parse(example.space.text(of: architecture)) == architecture)
    }
  }

  @Test(arguments: MethodCase.all)
  func proposalsBelongToTheSpace(_ example: MethodCase) throws {
    for architecture in example.trajectory(seed: 5, trials: 130).map(\.architecture) {
      let text = example.space.text(of: architecture)
      #expect(try example.space.parse(text) == architecture)
    }
  }

  @Test(arguments: MethodCase.all)
  func minimumAndSettingsMakeSense(_ example: MethodCase) {
    let search = example.make(seed: 1)
    #expect(search.minimumTrials >= 1)
    #expect(search.workers >= 1)
    for count in [1, 100, 1_000_000] {
      #expect(abs(search.fidelities(ofTrials: count).reduce(0) { $0 + $1.share } - 1) < 1e-12)
    }
    for setting in example.method.settings {
      #expect(setting.range.contains(setting.defaultValue), "\(setting.name)")
    }
  }

  /// Random sampling is one draw, without a search (Yang et al., arXiv 1912.12522).
  @Test func onlyRandomSamplingEndsByItself() {
    let bounds = SearchMethodCatalog.all.compactMap { method in
      method.init(
        space: NASBench201(), settings: MethodSettings(of: method.settings), key: RandomKey(seed: 1)
      ).maximumTrials.map { "\(method.name) \($0)" }
    }
    #expect(bounds == ["random-sampling 1"])
  }

  /// Of 4,000 keys each of five operations on an edge is drawn 800 times, give or take 25.
  @Test func randomSamplingIsUniform() {
    var counts = [[Int]](repeating: [0, 0, 0, 0, 0], count: 6)
    for seed in 0..<4_000 {
      var method = RandomSampling(
        space: NASBench201(), settings: MethodSettings(of: []), key: RandomKey(seed: UInt64(seed)))
      for (edge, choice) in method.ask().architecture.choices.enumerated() {
        counts[edge][choice] += 1
      }
    }
    for count in counts.joined() { #expect(abs(count - 800) < 125, "\(counts)") }
  }

  @Test func onlyRandomSearchIsTheBaseline() {
    #expect(
      SearchMethodCatalog.all.filter { $0.isBaseline }.map { $0.name } == ["random-search"])
  }

  @Test func catalogueIsSortedAndFindsItsMethods() {
    #expect(
      SearchMethodCatalog.names == [
        "asha", "nas", "ppo", "random-sampling", "random-search", "regularized-evolution",
        "reinforce",
      ])
    #expect(SearchMethodCatalog.names == SearchMethodCatalog.names.sorted())
    #expect(SearchMethodCatalog.named("reinforce")?.name == "reinforce")
    #expect(SearchMethodCatalog.named("hill-climbing") == nil)
  }
}
