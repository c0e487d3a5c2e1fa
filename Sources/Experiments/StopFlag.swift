import Synchronization

/// A request to stop at the next step boundary, raised from anywhere.
public final class StopFlag: Sendable {
  private let raised = Atomic<Bool>(false)

  /// Makes a flag that is down.
  public init() {}

  /// Asks for a stop; it cannot be taken back.
  public func raise() { raised.store(true, ordering: .releasing) }

  /// Whether a stop was asked for.
  public var isRaised: Bool { raised.load(ordering: .acquiring) }
}
