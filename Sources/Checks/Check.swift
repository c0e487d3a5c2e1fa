/// Stops the program on a caller's bug, saying which.
///
/// A plain `precondition` prints nothing in a release build. This file is the one place that traps
/// on purpose: shapes and counts are the caller's to get right; the world's faults are thrown.
///
/// - Parameters:
///   - condition: What must hold.
///   - message: The operation and both values: `convolution: input [8, 32, 32, 3] and filters
///     [3, 3, 4, 16] differ in channels`.
@inlinable
@inline(__always)
package func check(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { stop(message()) }
}

/// Takes a value that a caller's bug alone could have left out.
@inlinable
@inline(__always)
package func require<Value>(_ value: Value?, _ message: @autoclosure () -> String) -> Value {
  guard let value else { stop(message()) }
  return value
}

@usableFromInline
func stop(_ message: String) -> Never { fatalError(message) }
