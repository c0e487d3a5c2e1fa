import Checks
import Randomness
import SearchCore
import TensorCore

/// A recurrent controller in training, and the replicas that draw children from it.
///
/// A replica draws a batch of children together, has them scored one after another, and then
/// contributes an update. Meanwhile other replicas contribute theirs, so the controller may have
/// moved since the children were drawn.
///
/// Source: Zoph & Le, arXiv 1611.01578, section 3.2. There a replica's children are trained at once
/// on a device each; here one worker makes them in turn, which leaves the number of updates by
/// others in between the same.
public struct ControllerTraining {
  /// The children of a replica, all scored.
  public struct Batch {
    /// Choices of each child, in the order of drawing.
    public let sequences: [[Int]]
    /// How much better each child's reward is than those of earlier batches.
    public let advantages: [Double]
    /// The controller's weights when the children were drawn.
    public let weights: [Float]
  }

  private struct Replica {
    /// Children that were drawn and not yet proposed, in order.
    var waiting: [[Int]] = []
    var scored: [(choices: [Int], reward: Double)] = []
    /// The trial that is under way; `nil` if none is.
    var trial: Int?
    var weights: [Float] = []
    /// Updates of the controller before the children were drawn.
    var updates = 0
  }

  /// Updates that others contributed between drawing a batch and its own update, one a batch.
  public private(set) var staleness: [Int] = []

  private let controller: RecurrentController
  private let optimizer: Adam
  private let learningRate: Float
  private let batchSize: Int
  private let space: String
  private let curriculum: DepthCurriculum?
  private let key: RandomKey
  private var baseline: RewardBaseline
  private var replicas: [Replica]
  private var proposed = 0
  private var drawn = 0
  private var updates = 0

  /// Makes a controller and its replicas.
  ///
  /// - Parameters:
  ///   - settings: `learning-rate`, `batch-size` (children of an update), `baseline-momentum`,
  ///     `hidden-units` and `initial-range`.
  ///   - layers: Layers of the controller.
  ///   - replicas: Number of batches under way at once, at least 1.
  ///   - curriculum: How children grow; `nil` if they always make all of the space's decisions.
  public init(
    space: any SearchSpace, settings: MethodSettings, layers: Int, replicas: Int = 1,
    curriculum: DepthCurriculum? = nil, key: RandomKey
  ) {
    controller = RecurrentController(
      ControllerLayout(of: space),
      shape: .init(
        layers: layers, hidden: Int(settings["hidden-units"]),
        initialRange: Float(settings["initial-range"])), key: key.child("initialization"))
    optimizer = Adam(controller.parameters, in: controller.context)
    learningRate = Float(settings["learning-rate"])
    batchSize = Int(settings["batch-size"])
    baseline = RewardBaseline(momentum: settings["baseline-momentum"])
    self.space = type(of: space).name
    self.curriculum = curriculum
    self.key = key.child("actions")
    self.replicas = Array(repeating: Replica(), count: max(1, replicas))
  }

  /// The next child, of a replica that has none under way.
  public mutating func ask() -> Proposal {
    let index = require(
      replicas.firstIndex { $0.trial == nil }, "more children under way than replicas")
    if replicas[index].waiting.isEmpty { draw(for: index) }
    replicas[index].trial = proposed
    proposed += 1
    return Proposal(Architecture(space: space, choices: replicas[index].waiting.removeFirst()))
  }

  private mutating func draw(for index: Int) {
    // Each child has a stream of its own.
    var generators = (0..<batchSize).map { key.child("child", drawn + $0).generator() }
    let decisions = curriculum?.decisions(after: drawn) ?? controller.layout.options.count
    replicas[index].waiting = controller.sample(using: &generators, decisions: decisions)
    replicas[index].weights = controller.weights
    replicas[index].updates = updates
    drawn += batchSize
  }

  /// Takes a child's reward in.
  ///
  /// - Returns: All children of its replica once the last one is scored.
  public mutating func take(_ observation: Observation, reward: Double) -> Batch? {
    let index = require(
      replicas.firstIndex { $0.trial == observation.trial }, "told of a child not under way")
    replicas[index].trial = nil
    replicas[index].scored.append((observation.architecture.choices, reward))
    guard replicas[index].scored.count == batchSize else { return nil }
    let replica = replicas[index]
    replicas[index].scored = []
    staleness.append(updates - replica.updates)
    updates += 1
    return Batch(
      sequences: replica.scored.map { $0.choices },
      advantages: baseline.advantages(of: replica.scored.map { $0.reward }),
      weights: replica.weights)
  }

  /// Moves the controller one step of Adam.
  ///
  /// - Parameters:
  ///   - weights: Where the gradient is taken; `nil` for the weights of now. The step is applied to
  ///     those in either case.
  ///   - gradient: Adds the loss's gradient to that of the controller's parameters.
  public func step(at weights: [Float]? = nil, gradient: (RecurrentController) -> Void) {
    let now = controller.weights
    if let weights { controller.weights = weights }
    controller.parameters.clearGradients()
    gradient(controller)
    controller.weights = now
    optimizer.step(learningRate: learningRate)
  }
}
