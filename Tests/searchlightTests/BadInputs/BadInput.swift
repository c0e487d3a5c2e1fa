import Testing

/// A file that is hostile or broken, and the one line with which it is refused: the corpus of what
/// people and machines get wrong.
///
/// The kinds that somebody may type are given to the program, the others to their readers.
struct BadInput: Sendable, CustomTestStringConvertible {
  enum Kind: String, CaseIterable, Sendable {
    case suite, manifest, archive
    case deviceProfile = "device profile"
    case claims, journal, checkpoint
    case pyTorch = "PyTorch checkpoint"
    case safetensors

    /// Whether a command takes such a file.
    var isTyped: Bool {
      switch self {
      case .suite, .manifest, .archive, .deviceProfile, .claims, .journal: true
      case .checkpoint, .pyTorch, .safetensors: false
      }
    }
  }

  let kind: Kind
  let bytes: [UInt8]
  /// What is said, after the file's name if the kind is typed.
  let message: String

  var testDescription: String { "\(kind.rawValue) \(message)" }

  init(_ kind: Kind, _ bytes: [UInt8], _ message: String) {
    self.kind = kind
    self.bytes = bytes
    self.message = message
  }

  init(_ kind: Kind, _ text: String, _ message: String) {
    self.init(kind, Array(text.utf8), message)
  }

  /// A good text, the first occurrence of a part of it replaced.
  init(_ kind: Kind, _ good: String, _ old: String, _ new: String, _ message: String) {
    self.init(kind, good.replacing(old, with: new, maxReplacements: 1), message)
  }

  /// Everything.
  static let all =
    suites + manifests + textManifests + archives + deviceProfiles + claimsFiles + journals
    + checkpoints
    + pyTorchCheckpoints + safetensorsFiles
}
