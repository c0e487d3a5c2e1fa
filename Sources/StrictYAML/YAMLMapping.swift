/// The entries of a mapping, each key once, in the order of the file.
public struct YAMLMapping {
  /// The mapping itself, for errors about it as a whole.
  public let whole: YAMLValue
  /// Keys and values in the order of the file.
  public let entries: [(key: String, value: YAMLValue)]

  /// The value of a key; `nil` if it is not there.
  public subscript(key: String) -> YAMLValue? { entries.first { $0.key == key }?.value }

  /// The value of a key that must be there.
  public func required(_ key: String) throws(YAMLError) -> YAMLValue {
    guard let value = self[key] else { throw whole.error("key '\(key)' is missing") }
    return value
  }
}
