import NeuralNetworks
import SearchCore

extension ENAS {
  private static let paper = "arXiv 1802.03268"

  /// Defaults are the paper's, as far as they are known; where only the released code says a
  /// value, its own.
  public static let settings: [MethodSetting] =
    controllerSettings + [
      MethodSetting(
        name: "selection-samples", defaultValue: 10, range: 1...100_000, isInteger: true,
        source: "\(paper), section 2.2: several; the released code prints 10"),
      MethodSetting(
        name: "schedule-epochs", defaultValue: 310, range: 1...100_000, isInteger: true,
        source: "\(paper): epochs of the schedule, which the budget stretches"),
      MethodSetting(
        name: "restart-period", defaultValue: 10, range: 1...100_000, isInteger: true,
        source: "\(paper), section 3.2: T0 in epochs of the schedule"),
      MethodSetting(
        name: "restart-growth", defaultValue: 2, range: 1...100, isInteger: true,
        source: "\(paper), section 3.2: Tmul"),
      MethodSetting(
        name: "decay-after", defaultValue: 14, range: 1...100_000, isInteger: true,
        source: "\(paper), section 3.1: epochs of the schedule at the first rate"),
      MethodSetting(
        name: "decay-factor", defaultValue: 1, range: 1e-6...1,
        source: "\(paper), section 3.1: of the rate with each epoch after them, 0.96 for language "
          + "models, instead of cosines; 1 for cosines"),
      MethodSetting(
        name: "halve-weight-decay", defaultValue: 0, range: 0...1, isInteger: true,
        source: "0 for the penalty λ‖w‖² of the released code, 1 for half of it"),
      StretchLengths.deviationSetting,
    ] + regularization + SharedWeights.Recipe.pathSettings
    + SeedSelection.settings(
      searches: 1, epochs: 630,
      source: "\(paper) has one search; 630 epochs train a found micro cell in the released code")
    + SharedWeights.Recipe.settings(of: weights)

  /// Clipping is asked for in the released scripts, but their code applies unclipped gradients.
  private static let weights = SharedWeights.Recipe.Defaults(
    batchSize: 128, learningRate: 0.05, finalLearningRate: 0.001, momentum: 0.9, isNesterov: true,
    weightDecay: 1e-4, gradientClip: 0, source: "\(paper), section 3.2")

  /// The paper's text has none of this. The released scripts ask for drop-path of 0.4 as well, but
  /// their code leaves out paths of found cells alone; and for an auxiliary head in both spaces,
  /// which the macro space's code does not have.
  private static let regularization = [
    MethodSetting(
      name: "dropout", defaultValue: 0, range: 0...0.99,
      source: "none in \(paper); chance of a feature before the classifier to be zero, 0.1 in the "
        + "released code"),
    MethodSetting(
      name: "drop-path", defaultValue: 0, range: 0...0.99,
      source: "none in \(paper) nor in the released search; 0.4 as for the released code's found "
        + "cells, growing with depth and progress"),
    MethodSetting(
      name: "auxiliary-weight", defaultValue: 0, range: 0...10,
      source: "none in \(paper); factor of an auxiliary head's loss, 0.4 in the released micro code"
    ),
    MethodSetting(
      name: "auxiliary-training", defaultValue: 1, range: 0...1, isInteger: true,
      source:
        "0 keeps the auxiliary head as it is drawn: the released code's optimizer is not given "
        + "its weights"),
    MethodSetting(
      name: "score-dropout", defaultValue: 0, range: 0...1, isInteger: true,
      source: "1 has dropout in rewards and in the choice too, as the released micro code"),
  ]

  private static let controllerSettings = [
    MethodSetting(
      name: "controller-updates", defaultValue: 2_000, range: 1...1_000_000, isInteger: true,
      source: "\(paper), section 3.2: steps after each epoch"),
    MethodSetting(
      name: "samples-per-update", defaultValue: 1, range: 1...1_000, isInteger: true,
      source: "\(paper), section 2.2; the released code averages 10 or 20"),
    MethodSetting(
      name: "controller-learning-rate", defaultValue: 0.00035, range: 1e-9...10, source: paper),
    MethodSetting(
      name: "controller-gradient-clip", defaultValue: 0, range: 0...1e6,
      source: "none in the released code; 5 in NAS-Bench-201's; 0 for none"),
    MethodSetting(
      name: "controller-beta1", defaultValue: 0, range: 0...0.9999,
      source: "the released code's Adam; 0.9 in enas_lm"),
    MethodSetting(
      name: "controller-epsilon", defaultValue: 1e-3, range: 1e-12...1,
      source: "the released code's Adam; 1e-8 in enas_lm"),
    MethodSetting(
      name: "epsilon-hat", defaultValue: 1, range: 0...1, isInteger: true,
      source: "1 for TensorFlow's Adam, as the released code: its ε of 1e-3 is ε̂ of arXiv "
        + "1412.6980, section 2.1; 0 for PyTorch's, as NAS-Bench-201's"),
    MethodSetting(
      name: "entropy-weight", defaultValue: 0.1, range: 0...10,
      source: "\(paper), section 3.2; 1e-4 in the released code"),
    MethodSetting(
      name: "chosen-entropy", defaultValue: 0, range: 0...1, isInteger: true,
      source: "1 rewards -p log p of the chosen options alone, as the released macro code"),
    MethodSetting(name: "tanh-constant", defaultValue: 2.5, range: 0...100, source: paper),
    MethodSetting(
      name: "operation-tanh-reduction", defaultValue: 2.5, range: 0.01...100,
      source: "the released code: divides the tanh constant for micro operations"),
    MethodSetting(
      name: "temperature", defaultValue: 5, range: 0.01...1_000,
      source: "\(paper); none, that is 1, in the released code"),
    MethodSetting(
      name: "baseline-decay", defaultValue: 0.99, range: 0...0.9999, source: "the released code"),
    MethodSetting(
      name: "baseline-per-epoch", defaultValue: 0, range: 0...1, isInteger: true,
      source: "1 keeps the average of earlier epochs during one, as NAS-Bench-201's code; 0 moves "
        + "it with every sample, as the released one"),
    MethodSetting(
      name: "skip-target", defaultValue: 0.4, range: 0.001...0.999, source: "\(paper), section 3.2"),
    MethodSetting(
      name: "skip-weight", defaultValue: 0.8, range: 0...1_000, source: "the released code"),
    MethodSetting(
      name: "skip-logit-scale", defaultValue: 2, range: 0.01...10,
      source: "2 compares the probability of a skip with its target; 1 as in the released code"),
    MethodSetting(
      name: "controller-layers", defaultValue: 1, range: 1...4, isInteger: true,
      source: "\(paper); 1 always in ENAS' own spaces"),
    MethodSetting(
      name: "hidden-units", defaultValue: 64, range: 1...1_000, isInteger: true,
      source: "the released code"),
    MethodSetting(
      name: "initial-range", defaultValue: 0.1, range: 1e-4...1, source: "the released code"),
  ]

  public static let presets = [
    MethodPreset(
      name: "nas-bench-201",
      values: [
        "controller-updates": 50, "samples-per-update": 20, "controller-learning-rate": 0.001,
        "entropy-weight": 1e-4, "controller-layers": 2, "hidden-units": 32,
        "selection-samples": 100, "schedule-epochs": 250, "restart-growth": 1,
        "final-learning-rate": 0.0005, "weight-decay": 2.5e-4, "halve-weight-decay": 1,
        "gradient-clip": 5, "controller-gradient-clip": 5, "epsilon-hat": 0,
        "baseline-per-epoch": 1, "augmented-scores": 1, "off-path-updates": 1,
      ],
      source: "arXiv 2001.00326 and D-X-Y/AutoDL-Projects; their cosine of 10 epochs goes up again "
        + "instead of restarting"),
    MethodPreset(
      name: "released-macro",
      values: [
        "controller-updates": 50, "samples-per-update": 20, "controller-learning-rate": 0.001,
        "entropy-weight": 1e-4, "chosen-entropy": 1, "tanh-constant": 1.5, "temperature": 1,
        "skip-logit-scale": 1, "final-learning-rate": 0.0005, "weight-decay": 2.5e-4,
        "dropout": 0.1, "running-statistics": 1, "off-path-updates": 1,
      ],
      source: "melodyguan/enas, scripts/cifar10_macro_search.sh and src/cifar10/general_child.py"),
    MethodPreset(
      name: "released-micro",
      values: [
        "controller-updates": 30, "samples-per-update": 10, "controller-learning-rate": 0.0035,
        "entropy-weight": 1e-4, "tanh-constant": 1.1, "temperature": 1, "batch-size": 160,
        "schedule-epochs": 150, "final-learning-rate": 0.0005, "dropout": 0.1, "score-dropout": 1,
        "auxiliary-weight": 0.4, "auxiliary-training": 0, "off-path-updates": 1,
      ],
      source: "melodyguan/enas, scripts/cifar10_micro_search.sh and src/cifar10/micro_child.py"),
    MethodPreset(
      name: "paper-rnn",
      values: [
        "samples-per-update": 10, "entropy-weight": 1e-4, "batch-size": 64,
        "schedule-epochs": 150, "learning-rate": 20, "decay-after": 14, "decay-factor": 0.96,
        "momentum": 0, "nesterov": 0, "weight-decay": 1e-7, "gradient-clip": 0.25,
      ],
      source: "\(paper), section 3.1; the batch and the samples are the released scripts'"),
    MethodPreset(
      name: "released-lm",
      values: [
        "controller-updates": 25, "samples-per-update": 10, "controller-learning-rate": 5e-5,
        "controller-beta1": 0.9, "controller-epsilon": 1e-8, "entropy-weight": 1e-5,
        "chosen-entropy": 1, "tanh-constant": 2.25, "baseline-decay": 0.999,
        "initial-range": 0.01, "batch-size": 128, "schedule-epochs": 600, "learning-rate": 20,
        "final-learning-rate": 20, "momentum": 0, "nesterov": 0, "weight-decay": 8e-7,
        "halve-weight-decay": 1, "gradient-clip": 0.1, "length-deviation": 5,
      ],
      source:
        "google-research/enas_lm, src/child.py and src/controller.py; it penalises the fourth "
        + "powers of the path's matrices by that weight, where here all weights on the path decay"),
  ]
}
