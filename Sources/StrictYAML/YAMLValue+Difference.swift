import Yams

extension YAMLValue {
  /// The first place in which another value differs, in words: `seeds: was '3', is '5'`.
  ///
  /// Comments, quotes, empty lines and the order of keys say nothing.
  ///
  /// - Parameter ignored: Places that may differ, as `lock.code`, with all that is below them.
  /// - Returns: `nil` if there is none.
  public func difference(
    to other: YAMLValue, ignoring ignored: Set<String> = []
  ) -> String? {
    guard !ignored.contains(path) else { return nil }
    switch (node, other.node) {
    case (.scalar(let old), .scalar(let new)) where old.string == new.string: return nil
    case (.mapping(let old), .mapping(let new)):
      let (old, new) = (Self.entries(old), Self.entries(new))
      let (olds, news) = (Self.byKey(old), Self.byKey(new))
      let keys = old.map(\.key) + new.map(\.key).filter { olds[$0] == nil }
      return keys.lazy.compactMap { key in
        difference(
          at: path.isEmpty ? key : "\(path).\(key)", olds[key], news[key], ignored)
      }.first
    case (.sequence(let old), .sequence(let new)):
      return (0..<max(old.count, new.count)).lazy.compactMap { index in
        difference(
          at: "\(path)[\(index)]", index < old.count ? old[index] : nil,
          index < new.count ? new[index] : nil, ignored)
      }.first
    default: return "\(path): was \(Self.shown(node)), is \(Self.shown(other.node))"
    }
  }

  private static func entries(_ mapping: Node.Mapping) -> [(key: String, value: Node)] {
    mapping.map { ($0.key.string ?? "", $0.value) }
  }

  private static func byKey(_ entries: [(key: String, value: Node)]) -> [String: Node] {
    Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
  }

  private func difference(
    at place: String, _ old: Node?, _ new: Node?, _ ignored: Set<String>
  ) -> String? {
    guard !ignored.contains(place) else { return nil }
    guard let old, let new else {
      return "\(place): was \(old.map(Self.shown) ?? "nothing"), is "
        + (new.map(Self.shown) ?? "nothing")
    }
    return YAMLValue(node: old, file: file, path: place)
      .difference(to: YAMLValue(node: new, file: file, path: place), ignoring: ignored)
  }

  private static func shown(_ node: Node) -> String {
    switch node {
    case .mapping: "a mapping"
    case .sequence(let list): "a list of \(list.count)"
    case .scalar(let scalar): "'\(scalar.string.prefix(100))'"
    case .alias: "an alias"
    }
  }
}
