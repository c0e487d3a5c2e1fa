import SearchCore

/// What an evaluator is told to begin with.
struct PluginEvaluatorInitialization: Encodable {
  struct Told: Encodable {
    let metric: String
  }

  let `protocol` = PluginConnection.protocolVersion
  let role = "evaluator"
  let host = PluginHost()
  let space: PluginSpace
  let objective: Told
  let data: EvaluatedImages.Description
  let training, final: [String: PluginValue]
  let settings: [String: PluginCommand.Setting]
}

/// What an evaluator says of itself.
struct PluginEvaluatorIntroduction: PluginIntroducing {
  let `protocol`: String
  let plugin: PluginTitle
}

/// A request to train an architecture.
struct PluginEvaluationRequest: Encodable {
  let phase: String
  /// In the notation of its space.
  let architecture: String
  let choices: [Int]
  let epochs: Int
  let seed: String
  /// With the final training alone.
  let test: EvaluatedImages.Files?
}

/// What a training came to.
struct PluginEvaluationResult: Decodable {
  /// How a training may end, by what an evaluator calls it.
  static let statuses: [String: RunStatus] = [
    "ok": .completed, "diverged": .diverged, "out-of-memory": .outOfMemory, "failed": .failed,
  ]

  let status: String
  /// Of the device that it trained on, validation included.
  let seconds: Double
  let parameters: Int?
  /// The class that the trained network gives each image of a split.
  let validation, test: [Int]?
}
