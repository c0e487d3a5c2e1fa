import NeuralNetworks
import SearchCore

extension SharedWeights.Recipe {
  /// A paper's values for the training of shared weights by a cosine schedule.
  struct Defaults {
    var batchSize: Double
    var learningRate: Double
    var finalLearningRate: Double
    var momentum: Double
    var isNesterov = false
    var weightDecay: Double
    /// 0 for no clipping.
    var gradientClip: Double
    var source: String

    /// Source: Liu et al., arXiv 1806.09055, section 3.1; the released code anneals to 0.001, the
    /// paper to 0.
    static let darts = Defaults(
      batchSize: 64, learningRate: 0.025, finalLearningRate: 0, momentum: 0.9, weightDecay: 3e-4,
      gradientClip: 5, source: "arXiv 1806.09055, section 3.1")
  }

  /// What a suite may set of it.
  static func settings(of defaults: Defaults) -> [MethodSetting] {
    let source = defaults.source
    return [
      MethodSetting(
        name: "batch-size", defaultValue: defaults.batchSize, range: 1...65_536, isInteger: true,
        source: source),
      MethodSetting(
        name: "learning-rate", defaultValue: defaults.learningRate, range: 1e-9...100,
        source: source),
      MethodSetting(
        name: "final-learning-rate", defaultValue: defaults.finalLearningRate, range: 0...100,
        source: source),
      MethodSetting(
        name: "momentum", defaultValue: defaults.momentum, range: 0...0.9999, source: source),
      MethodSetting(
        name: "nesterov", defaultValue: defaults.isNesterov ? 1 : 0, range: 0...1, isInteger: true,
        source: source),
      MethodSetting(
        name: "weight-decay", defaultValue: defaults.weightDecay, range: 0...1, source: source),
      MethodSetting(
        name: "gradient-clip", defaultValue: defaults.gradientClip, range: 0...1e6,
        source: "\(source); 0 for none"),
    ]
  }

  /// Takes the values of a method with these settings.
  init(_ settings: MethodSettings) {
    let clip = settings["gradient-clip"]
    self.init(
      batchSize: Int(settings["batch-size"]), momentum: settings["momentum"],
      isNesterov: settings["nesterov"] == 1, weightDecay: settings["weight-decay"],
      clipNorm: clip > 0 ? clip : nil)
  }

  /// The learning rate over the part of the training that is done.
  func schedule(_ settings: MethodSettings) -> Schedule {
    .cosine(from: settings["learning-rate"], to: settings["final-learning-rate"])
  }
}
