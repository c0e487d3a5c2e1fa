import SearchCore

extension NASChain {
  /// Longest text that is looked at, in bytes; 40 layers have about 2,000.
  private static let longestText = 4000

  /// Writes the controller's tokens, a part a layer: `3 3 36 | 3 5 48 1 | 7 1 24 0 1`: filter
  /// height, width and number, then 1 for each earlier layer that is read, else 0.
  public func text(of architecture: Architecture) -> String {
    layers(of: architecture).enumerated().map { index, layer in
      let reads = (0..<index).map { layer.inputs.contains($0) ? 1 : 0 }
      return ([layer.height, layer.width, layer.filters] + reads).map(String.init)
        .joined(separator: " ")
    }.joined(separator: " | ")
  }

  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    guard text.utf8.count <= Self.longestText else {
      throw ArchitectureError(
        "nas-chain: text has \(text.utf8.count) bytes; expected at most \(Self.longestText)")
    }
    let parts = text.split(separator: "|", omittingEmptySubsequences: false)
    guard parts.count <= depth else {
      throw ArchitectureError(
        "nas-chain: found \(parts.count) layer(s); expected 1 to \(depth) joined by '|'")
    }
    var choices: [Int] = []
    for (index, part) in parts.enumerated() {
      let tokens = part.split(separator: " ")
      guard tokens.count == 3 + index else {
        throw ArchitectureError(
          "nas-chain: layer \(index) has \(tokens.count) number(s); expected \(3 + index)")
      }
      for (token, candidates) in zip(tokens, candidates(ofLayer: index)) {
        guard let choice = candidates.firstIndex(where: { String($0) == token }) else {
          throw ArchitectureError(
            "nas-chain: layer \(index) has '\(token)'; expected one of "
              + candidates.map(String.init).joined(separator: ", "))
        }
        choices.append(choice)
      }
    }
    return Architecture(space: Self.name, choices: choices)
  }

  private func candidates(ofLayer index: Int) -> [[Int]] {
    [Self.kernels, Self.kernels, Self.filters] + Array(repeating: [0, 1], count: index)
  }
}
