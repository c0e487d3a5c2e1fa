import SearchCore

/// The order in which a controller makes the decisions of a space.
public struct ControllerLayout: Hashable, Sendable {
  /// One time step of the controller.
  public enum Step: Hashable, Sendable {
    /// A decision by a softmax over its options.
    case choice(decision: Int)
    /// An anchor point: for each earlier anchor a yes or a no, by attention; none at the first.
    case anchor(decisions: Range<Int>)

    /// The first decision after this step.
    var end: Int {
      switch self {
      case .choice(let decision): decision + 1
      case .anchor(let decisions): decisions.upperBound
      }
    }
  }

  public let steps: [Step]
  /// Number of options of each decision of the space.
  public let options: [Int]

  /// Takes the decisions of a space in order; those of a space with anchors as its anchors.
  public init(of space: any SearchSpace) {
    options = space.decisions.map { $0.options.count }
    let anchors = (space as? any AnchoredSearchSpace)?.anchors ?? []
    var steps: [Step] = []
    var next = 0
    for anchor in anchors {
      steps += (next..<anchor.lowerBound).map { .choice(decision: $0) }
      steps.append(.anchor(decisions: anchor))
      next = anchor.upperBound
    }
    steps += (next..<options.count).map { .choice(decision: $0) }
    self.steps = steps
  }

  /// Number of steps that make the first decisions.
  func stepCount(decisions count: Int) -> Int { steps.prefix { $0.end <= count }.count }
}
