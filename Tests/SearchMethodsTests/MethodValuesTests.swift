import SearchCore
import SearchMethods
import Testing

/// Every default as its source has it: a value that changes, one that is left out and one that is
/// added all fail here.
@Suite struct MethodValuesTests {
  struct Values: CustomTestStringConvertible, Sendable {
    let method: any SearchMethod.Type
    let values: [String: Double]
    var testDescription: String { method.name }
  }

  private static let all: [Values] = [
    // Li et al., arXiv 1810.05934 (one worker; s = 0), with Li & Talwalkar's η, r and R,
    // arXiv 1902.07638.
    Values(
      method: AsynchronousSuccessiveHalving.self,
      values: ["reduction-factor": 4, "minimum-epochs": 1, "maximum-epochs": 300, "workers": 1]),
    // Zoph & Le, arXiv 1611.01578, section 4.1: Adam 0.0006, m = 8, two layers of 35 units from
    // ±0.08, accuracy cubed, 6 layers and two more after every 1,600 children. The baseline's decay
    // is not there; 0.95 is NASNet's.
    Values(
      method: NASController.self,
      values: [
        "learning-rate": 0.0006, "batch-size": 8, "reward-power": 3, "baseline-momentum": 0.95,
        "layers": 2, "hidden-units": 35, "initial-range": 0.08, "replicas": 1, "initial-layers": 6,
        "layers-step": 2, "children-per-depth": 1_600,
      ]),
    // Zoph et al., arXiv 1707.07012, appendix A.2 and A.3: Adam 0.00035, 20 architectures, entropy
    // 1e-5, baseline 0.95, one layer of 100 units from ±0.1. Clip and epochs are Schulman et al.'s,
    // arXiv 1707.06347.
    Values(
      method: ProximalPolicy.self,
      values: [
        "learning-rate": 0.00035, "batch-size": 20, "entropy-weight": 1e-5,
        "baseline-momentum": 0.95, "clip": 0.2, "epochs": 4, "hidden-units": 100,
        "initial-range": 0.1,
      ]),
    Values(method: RandomSearch.self, values: [:]),
    Values(method: RandomSampling.self, values: [:]),
    // Real et al., arXiv 1802.01548, Methods Details: P = 100, S = 25.
    Values(
      method: RegularizedEvolution.self,
      values: ["population-size": 100, "sample-size": 25, "aging": 1, "workers": 1]),
    // D-X-Y/AutoDL-Projects, scripts-search/NAS-Bench-201-algos/REINFORCE.sh (--learning_rate 0.5)
    // and reinforce.py (--EMA_momentum 0.9).
    Values(method: Reinforce.self, values: ["learning-rate": 0.5, "baseline-momentum": 0.9]),
  ]

  @Test(arguments: all)
  func defaultsAreTheSources(expected: Values) {
    let found = MethodSettings(of: expected.method.settings).values
    for name in Set(found.keys).union(expected.values.keys).sorted() {
      #expect(found[name] == expected.values[name], "\(name)")
    }
    for setting in expected.method.settings { #expect(!setting.source.isEmpty, "\(setting.name)") }
  }

  @Test func noMethodIsLeftOut() {
    #expect(Set(Self.all.map { $0.method.name }) == Set(SearchMethodCatalog.names))
  }
}
