/// Where a minibatch stands in an endless stream of training examples.
package struct StreamPlace: Hashable {
  /// The pass over the examples that it belongs to, from 0.
  package let epoch: Int
  package let isFirst: Bool
  package let isLast: Bool
  /// Images, or words.
  package let examples: Int
}

extension MinibatchSource {
  /// Where a minibatch of the stream over a part stands.
  func place(_ index: Int, of part: SplitPart, batchSize: Int) -> StreamPlace {
    let batches = batches(of: part, size: batchSize)
    return StreamPlace(
      epoch: index / batches, isFirst: index % batches == 0,
      isLast: (index + 1) % batches == 0,
      examples: size(of: index, in: part, batchSize: batchSize))
  }
}
