import SearchCore

extension PublishedResult {
  /// What a figure measures, with the unit that it is printed in.
  public enum Metric: String, CaseIterable, Codable, Sendable {
    case validationAccuracy = "validation-accuracy"
    case testAccuracy = "test-accuracy"
    case validationError = "validation-error"
    case testError = "test-error"
    /// The right class is among the five likeliest.
    case testTop5Accuracy = "test-top-5-accuracy"
    case testTop5Error = "test-top-5-error"
    case validationPerplexity = "validation-perplexity"
    case testPerplexity = "test-perplexity"
    case testBitsPerCharacter = "test-bits-per-character"
    /// Millions of weights.
    case parameters
    /// Number of test images that archived weights classify wrongly.
    case wrongTestImages = "wrong-test-images"
    case searchGPUDays = "search-gpu-days"
    case searchGPUHours = "search-gpu-hours"

    /// The objective that the figure is of; `nil` where this project has none.
    public var objective: Objective? {
      switch self {
      case .validationAccuracy, .testAccuracy, .validationError, .testError: .classificationError
      case .validationPerplexity, .testPerplexity: .perplexity
      default: nil
      }
    }

    /// Whether a larger figure is a better one.
    public var isHigherBetter: Bool {
      switch self {
      case .validationAccuracy, .testAccuracy, .testTop5Accuracy: true
      default: false
      }
    }

    /// Whether a figure that is off in either direction is wrong: sizes have no better, and archived
    /// weights that do better than they did are other weights, or see other images.
    public var isCount: Bool { self == .parameters || self == .wrongTestImages }

    /// Unit as printed after a number; empty for none.
    public var unit: String {
      switch self {
      case .validationAccuracy, .testAccuracy, .validationError, .testError, .testTop5Accuracy,
        .testTop5Error:
        "%"
      case .parameters: "million parameters"
      case .wrongTestImages: "wrong images"
      case .searchGPUDays: "GPU-days"
      case .searchGPUHours: "GPU-hours"
      case .testBitsPerCharacter: "bits"
      case .validationPerplexity, .testPerplexity: ""
      }
    }

    /// The values that can have been printed.
    public var range: ClosedRange<Double> { unit == "%" ? 0...100 : 0...1e12 }

    /// The score in the sense of the objective that belongs to a printed figure.
    func score(of value: Double) -> Double {
      switch self {
      case .validationAccuracy, .testAccuracy:
        Objective.classificationError(ofAccuracyInPercent: value)
      default: value / (objective?.printedScale ?? 1)
      }
    }

    /// The printed figure that belongs to a score.
    public func printed(_ score: Double) -> Double {
      isHigherBetter ? 100 * (1 - score) : score * (objective?.printedScale ?? 1)
    }
  }
}
