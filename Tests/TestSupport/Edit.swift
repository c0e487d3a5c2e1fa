/// What editors and systems do to a text that somebody saves.
public enum Edit: String, CaseIterable, Sendable {
  case windowsLineEnds, byteOrderMark, missingLastEnd, all

  /// The bytes of a text as they are saved then.
  public func callAsFunction(_ bytes: [UInt8]) -> [UInt8] {
    var edited = bytes
    if self == .missingLastEnd || self == .all, edited.last == 0x0A { edited.removeLast() }
    if self == .windowsLineEnds || self == .all {
      edited = edited.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
    }
    if self == .byteOrderMark || self == .all { edited = [0xEF, 0xBB, 0xBF] + edited }
    return edited
  }

  /// A text as it is saved then.
  public func callAsFunction(_ text: String) -> String {
    String(decoding: self(Array(text.utf8)), as: UTF8.self)
  }
}
