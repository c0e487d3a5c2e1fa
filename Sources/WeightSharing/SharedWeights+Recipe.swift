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
    /// Where the last learning rate is from, if it is another source.
    var finalSource: String?

    /// Source: Liu et al., arXiv 1806.09055, section 3.1; the released code anneals to 0.001, the
    /// paper to 0.
    static let darts = Defaults(
      batchSize: 64, learningRate: 0.025, finalLearningRate: 0, momentum: 0.9, weightDecay: 3e-4,
      gradientClip: 5, source: "arXiv 1806.09055, section 3.1")

    /// Source: the released code of Li & Talwalkar, arXiv 1902.07638, whose wrapper of DARTS' cells
    /// has DARTS' values and its released last learning rate. Clipping is an argument there; the
    /// paper's runs take 5, or 1 in setting R5.
    static let randomPaths = Defaults(
      batchSize: 64, learningRate: 0.025, finalLearningRate: 1e-3, momentum: 0.9,
      weightDecay: 3e-4, gradientClip: 5, source: "arXiv 1902.07638 and 1806.09055, section 3.1",
      finalSource: "liamcli/randomNAS_release, benchmarks/cnn/darts/darts_wrapper_discrete.py")

    /// Source: Dong & Yang, arXiv 2001.00326, and the authors' code, configs/nas-benchmark/algos.
    static let nasBench201 = Defaults(
      batchSize: 64, learningRate: 0.025, finalLearningRate: 1e-3, momentum: 0.9,
      isNesterov: true, weightDecay: 5e-4, gradientClip: 5,
      source: "arXiv 2001.00326 and D-X-Y/AutoDL-Projects, configs/nas-benchmark/algos")
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
        source: defaults.finalSource ?? source),
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

  /// How paths are scored and what a step moves, where weights are trained along sampled paths.
  static let pathSettings = [
    MethodSetting(
      name: "running-statistics", defaultValue: 0, range: 0...1, isInteger: true,
      source: "1 scores with running statistics, as the released code of random search with weight "
        + "sharing and ENAS' macro code; 0 with the minibatch's, as ENAS' micro code"),
    MethodSetting(
      name: "augmented-scores", defaultValue: 0, range: 0...1, isInteger: true,
      source: "1 scores on cropped and flipped validation images, as NAS-Bench-201's ENAS and the "
        + "released random search with weight sharing; 0 on plain ones, as the released ENAS"),
    MethodSetting(
      name: "off-path-updates", defaultValue: 0, range: 0...1, isInteger: true,
      source: "1 lets weights off a step's path decay and carry their momentum on, as all released "
        + "codes do; 0 leaves them as they are"),
  ]

  /// Takes the values of a method with these settings.
  init(_ settings: MethodSettings) {
    let clip = settings["gradient-clip"]
    self.init(
      batchSize: Int(settings["batch-size"]), momentum: settings["momentum"],
      isNesterov: settings["nesterov"] == 1, weightDecay: settings["weight-decay"],
      clipNorm: clip > 0 ? clip : nil)
  }

  /// Takes the values of a method with the settings of sampled paths as well.
  init(ofPaths settings: MethodSettings) {
    self.init(settings)
    movesOffPath = settings["off-path-updates"] == 1
    scoring.usesRunningStatistics = settings["running-statistics"] == 1
    scoring.augments = settings["augmented-scores"] == 1
  }

  /// The learning rate over the part of the training that is done.
  func schedule(_ settings: MethodSettings) -> Schedule {
    .cosine(from: settings["learning-rate"], to: settings["final-learning-rate"])
  }
}
