import Randomness
import SearchCore

/// Random search that trains most architectures briefly and few for long.
///
/// Rung k trains for r·ηᵏ epochs. A free worker promotes the best architecture, from the highest
/// rung down, that is among the best 1/η of all that ended in its rung and was not promoted yet;
/// where there is none, it begins a random architecture in the lowest rung. A failed trial counts
/// as one of its rung, and is never promoted.
///
/// The paper resumes a promoted training from its weights. Here it begins anew, because its cosine
/// schedule ends with its epochs, and is charged in full: all epochs of the rungs below once more,
/// in all up to a factor of η/(η - 1) for an architecture that reaches the top.
///
/// Source: Li et al., A system for massively parallel hyperparameter tuning, arXiv 1810.05934,
/// Algorithm 2, with the early-stopping rate s = 0; Li & Talwalkar, arXiv 1902.07638, section 4,
/// which compares with it.
public struct AsynchronousSuccessiveHalving: SearchMethod {
  public static let name = "asha"

  public static let settings = [
    MethodSetting(
      name: "reduction-factor", defaultValue: 4, range: 2...1000, isInteger: true,
      source: "η in arXiv 1810.05934; 4 in arXiv 1902.07638"),
    MethodSetting(
      name: "minimum-epochs", defaultValue: 1, range: 1...1_000_000, isInteger: true,
      source: "r in arXiv 1810.05934; 1 in arXiv 1902.07638"),
    MethodSetting(
      name: "maximum-epochs", defaultValue: 300, range: 1...1_000_000, isInteger: true,
      source: "R in arXiv 1810.05934; 300 in arXiv 1902.07638"),
    MethodSetting(
      name: "workers", defaultValue: 1, range: 1...100_000, isInteger: true,
      source: "simulated; 1 unless a suite says so"),
  ]

  /// An architecture that ended in a rung.
  private struct Member {
    let architecture: Architecture
    let loss: Double?
    var isPromoted = false

    var rank: Double { loss ?? .infinity }
  }

  /// η in the paper.
  private let reductionFactor: Int
  /// Epochs of each rung, lowest first.
  package let rungEpochs: [Int]
  public let workers: Int

  private let space: any SearchSpace
  private var generator: KeyedGenerator
  /// What ended in each rung, best first.
  private var rungs: [[Member]]
  /// The rung of each trial that is under way.
  private var rungOfTrial: [Int: Int] = [:]
  private var asked = 0

  public init(space: any SearchSpace, settings: MethodSettings, key: RandomKey) {
    self.space = space
    let factor = Int(settings["reduction-factor"])
    let maximum = Int(settings["maximum-epochs"])
    var epochs = [Int(settings["minimum-epochs"])]
    while let last = epochs.last, last <= maximum / factor { epochs.append(last * factor) }
    reductionFactor = factor
    rungEpochs = epochs
    workers = Int(settings["workers"])
    generator = key.child(Self.name).generator()
    rungs = epochs.map { _ in [] }
  }

  /// Trials of each rung until one has been through the highest.
  private var minimumOfRungs: [Int] {
    rungEpochs.indices.map { rung in
      (rung + 1..<rungEpochs.count).reduce(1) { count, _ in count * reductionFactor }
    }
  }

  /// Until one architecture has been through the highest rung.
  public var minimumTrials: Int { minimumOfRungs.reduce(0, +) }

  public func fidelities(ofTrials count: Int) -> [Fidelity] {
    zip(rungEpochs, minimumOfRungs).map { epochs, count in
      Fidelity(epochs: epochs, share: Double(count) / Double(minimumTrials))
    }
  }

  public mutating func ask() -> Proposal {
    for rung in rungs.indices.dropLast().reversed() {
      guard let place = promotable(in: rung) else { continue }
      rungs[rung][place].isPromoted = true
      return propose(rungs[rung][place].architecture, in: rung + 1)
    }
    return propose(space.sample(using: &generator), in: 0)
  }

  public mutating func tell(_ observation: Observation) {
    guard let rung = rungOfTrial.removeValue(forKey: observation.trial) else { return }
    let member = Member(
      architecture: observation.architecture, loss: observation.loss)
    // Behind its equals: of those, the first to end is promoted first.
    let place = rungs[rung].firstIndex { $0.rank > member.rank } ?? rungs[rung].count
    rungs[rung].insert(member, at: place)
  }

  private func promotable(in rung: Int) -> Int? {
    rungs[rung].prefix(rungs[rung].count / reductionFactor).firstIndex {
      !$0.isPromoted && $0.loss != nil
    }
  }

  private mutating func propose(_ architecture: Architecture, in rung: Int) -> Proposal {
    rungOfTrial[asked] = rung
    asked += 1
    return Proposal(architecture, epochs: rungEpochs[rung])
  }
}
