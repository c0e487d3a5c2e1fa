/// A reading of a test split, to be journaled.
public struct TestRead: Hashable, Codable, Sendable {
  /// Name of the dataset.
  public let dataset: String
  /// Why it was read, in the caller's words.
  public let reason: String
}

/// A test split that is read when it is first asked for, and the record of each asking.
struct TestGate<Content> {
  /// Each reading since the last `drain()`, in order.
  private(set) var reads: [TestRead] = []

  private let dataset: String
  private let read: () throws(DatasetError) -> Content
  private var content: Content?

  /// - Parameter read: Reads and verifies the split; called once, at the first `open(reason:)`.
  init(dataset: String, read: @escaping () throws(DatasetError) -> Content) {
    self.dataset = dataset
    self.read = read
  }

  mutating func open(reason: String) throws(DatasetError) -> Content {
    let found: Content
    if let content { found = content } else { found = try read() }
    content = found
    reads.append(TestRead(dataset: dataset, reason: reason))
    return found
  }

  mutating func drain() -> [TestRead] {
    defer { reads = [] }
    return reads
  }
}
