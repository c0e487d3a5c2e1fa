import SearchCore

/// Longest text that is looked at, in bytes; 40 layers have about 2,000.
private let longestText = 4_000

extension ConvolutionalChain {
  /// Writes the controller's tokens, a part a layer: `3 3 36 | 3 5 48 1 | 7 1 24 0 1`: the numbers
  /// in the order of `tokens`, then 1 for each earlier layer that is read, else 0.
  public func text(of architecture: Architecture) -> String {
    layers(of: architecture).enumerated().map { index, layer in
      let reads = (0..<index).map { layer.inputs.contains($0) ? 1 : 0 }
      return (Self.tokens.map { layer[$0.quantity] } + reads).map(String.init)
        .joined(separator: " ")
    }.joined(separator: " | ")
  }

  public func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    guard text.utf8.count <= longestText else {
      throw ArchitectureError(
        "\(Self.name): text has \(text.utf8.count) bytes; expected at most \(longestText)")
    }
    let parts = text.split(separator: "|", omittingEmptySubsequences: false)
    guard parts.count <= depth else {
      throw ArchitectureError(
        "\(Self.name): found \(parts.count) layer(s); expected 1 to \(depth) joined by '|'")
    }
    var choices: [Int] = []
    for (index, part) in parts.enumerated() {
      let numbers = part.split { $0.isWhitespace }
      guard numbers.count == Self.tokens.count + index else {
        throw ArchitectureError(
          "\(Self.name): layer \(index) has \(numbers.count) number(s); expected "
            + "\(Self.tokens.count + index)")
      }
      for (number, candidates) in zip(numbers, candidates(ofLayer: index)) {
        guard let choice = candidates.firstIndex(where: { String($0) == number }) else {
          throw ArchitectureError(
            "\(Self.name): layer \(index) has '\(number)'; expected one of "
              + candidates.map(String.init).joined(separator: ", "))
        }
        choices.append(choice)
      }
    }
    return Architecture(space: Self.name, choices: choices)
  }

  private func candidates(ofLayer index: Int) -> [[Int]] {
    Self.tokens.map { $0.candidates } + Array(repeating: [0, 1], count: index)
  }
}
