import SearchCore
import Testing
import WeightSharing

/// Every default, and every value of every preset, as its source has it: a value that changes, one
/// that is left out and one that is added all fail here.
@Suite struct MethodValuesTests {
  private func check(
    _ method: any WeightSharingMethod.Type, _ preset: String?, _ expected: [String: Double]
  ) throws {
    let values = try preset.map { name in
      try #require(method.presets.first { $0.name == name }).values
    }
    let found = MethodSettings(of: method.settings, replacing: values ?? [:]).values
    for name in Set(found.keys).union(expected.keys).sorted() {
      #expect(found[name] == expected[name], "\(method.name) \(preset ?? "defaults"): \(name)")
    }
    for setting in method.settings { #expect(!setting.source.isEmpty, "\(setting.name)") }
  }

  /// Liu et al., arXiv 1806.09055: section 2.3 (order), 3.1 (four seeds, 100 epochs of selection, the
  /// rest); α is said to begin at zero.
  private let darts = [
    "searches": 4.0, "selection-epochs": 100, "order": 2, "alpha-learning-rate": 3e-4,
    "alpha-weight-decay": 1e-3, "alpha-deviation": 0, "alpha-beta1": 0.5, "length-deviation": 0,
    "batch-size": 64, "learning-rate": 0.025,
    "final-learning-rate": 0, "momentum": 0.9, "nesterov": 0, "weight-decay": 3e-4,
    "gradient-clip": 5, "weights-first": 0, "clip-alpha": 0,
  ]

  @Test func dartsHasItsSources() throws {
    try check(DARTS.self, nil, darts)
    // cnn/train_search.py: --learning_rate_min 0.001; cnn/model_search.py: 1e-3*torch.randn.
    try check(
      DARTS.self, "released",
      darts.merging(["alpha-deviation": 1e-3, "final-learning-rate": 1e-3]) { $1 })
    // rnn/train_search.py: --arch_lr 3e-3, --batch_size 256, --lr 20, --clip 0.25, --wdecay 5e-7;
    // rnn/architect.py: torch.optim.Adam without betas; rnn/model_search.py: 1e-3*torch.randn.
    try check(
      DARTS.self, "released-rnn",
      darts.merging([
        "alpha-learning-rate": 3e-3, "alpha-deviation": 1e-3, "alpha-beta1": 0.9,
        "batch-size": 256, "learning-rate": 20, "final-learning-rate": 20, "momentum": 0,
        "weight-decay": 5e-7, "gradient-clip": 0.25,
      ]) { $1 })
    // D-X-Y/AutoDL-Projects, DARTS.config, DARTS-V1.sh and DARTS-V2.sh; clip_grad_norm_ of
    // `network.parameters()`, among them arch_parameters.
    for order in [1.0, 2] {
      try check(
        DARTS.self, "nas-bench-201-v\(Int(order))",
        darts.merging([
          "searches": 1, "order": order, "alpha-deviation": 1e-3, "final-learning-rate": 1e-3,
          "nesterov": 1, "weight-decay": 5e-4, "weights-first": 2 - order, "clip-alpha": 1,
        ]) { $1 })
    }
    #expect(
      DARTS.presets.map(\.name) == [
        "released", "released-rnn", "nas-bench-201-v1", "nas-bench-201-v2",
      ])
  }

  /// D-X-Y/AutoDL-Projects, GDAS.config and GDAS.sh: `--tau_max 10 --tau_min 0.1`,
  /// `--arch_learning_rate 0.0003 --arch_weight_decay 0.001`; search_model_gdas.py: 1e-3 * torch.randn.
  @Test func gdasHasItsSources() throws {
    try check(
      GDAS.self, nil,
      [
        "temperature": 10, "final-temperature": 0.1, "alpha-learning-rate": 3e-4,
        "alpha-weight-decay": 1e-3, "alpha-deviation": 1e-3, "batch-size": 64,
        "learning-rate": 0.025, "final-learning-rate": 1e-3, "momentum": 0.9, "nesterov": 1,
        "weight-decay": 5e-4, "gradient-clip": 5, "searches": 1, "selection-epochs": 200,
      ])
    #expect(GDAS.presets.isEmpty)
  }

  /// Li & Talwalkar, arXiv 1902.07638, section 3 and 4.1 (a round for 10,000 steps, 1,000 candidates,
  /// ten minibatches, ten finalists), and liamcli/randomNAS_release, darts_wrapper_discrete.py.
  private let randomPaths = [
    "rounds": 0.0, "candidates": 1_000, "candidate-batches": 10, "finalists": 10,
    "fresh-minibatches": 0, "running-statistics": 0, "augmented-scores": 0, "off-path-updates": 0,
    "batch-size": 64, "learning-rate": 0.025, "final-learning-rate": 0.001, "momentum": 0.9,
    "nesterov": 0, "weight-decay": 3e-4, "gradient-clip": 5,
    "searches": 1, "selection-epochs": 600, "score-batch-size": 0, "length-deviation": 0,
  ]

  @Test func randomPathsHaveTheirSources() throws {
    typealias Method = RandomSearchWithWeightSharing
    try check(Method.self, nil, randomPaths)
    // `self.model.eval()`, train_transform in valid_queue, `next(self.valid_iter)`, and SGD over
    // `self.model.parameters()`.
    try check(
      Method.self, "released",
      randomPaths.merging([
        "running-statistics": 1, "augmented-scores": 1, "fresh-minibatches": 1,
        "off-path-updates": 1,
      ]) { $1 })
    // D-X-Y/AutoDL-Projects, configs/nas-benchmark/algos/RANDOM.config and RANDOM-NAS.py:
    // `--select_num 100`, validation images of get_nas_search_loaders without augmentation.
    try check(
      Method.self, "nas-bench-201",
      randomPaths.merging([
        "rounds": 1, "candidates": 100, "candidate-batches": 8, "finalists": 1,
        "fresh-minibatches": 1, "off-path-updates": 1, "weight-decay": 5e-4, "nesterov": 1,
      ]) { $1 })
    // Table 2 of the paper, setting 4; random_weight_share.py scores 1,000 on the whole text.
    try check(
      Method.self, "released-rnn",
      randomPaths.merging([
        "candidate-batches": 100_000, "finalists": 1, "score-batch-size": 1_024,
        "learning-rate": 20, "final-learning-rate": 20, "momentum": 0, "weight-decay": 8e-7,
        "gradient-clip": 0.1, "off-path-updates": 1,
      ]) { $1 })
    #expect(Method.presets.map(\.name) == ["nas-bench-201", "released", "released-rnn"])
  }

  /// Pham et al., arXiv 1802.03268, sections 2.2 and 3.2, with what only melodyguan/enas says: hidden
  /// units, baseline, initial range, the reduction of tanh, the skips' weight, ε̂, no clipping
  /// (utils.py appends the unclipped gradient), and λ‖w‖² without a half.
  private let enas = [
    "controller-updates": 2_000.0, "samples-per-update": 1, "controller-learning-rate": 0.00035,
    "controller-gradient-clip": 0, "epsilon-hat": 1, "entropy-weight": 0.1, "chosen-entropy": 0,
    "tanh-constant": 2.5, "operation-tanh-reduction": 2.5, "temperature": 5, "baseline-decay": 0.99,
    "baseline-per-epoch": 0, "skip-target": 0.4, "skip-weight": 0.8, "skip-logit-scale": 2,
    "controller-layers": 1, "hidden-units": 64, "initial-range": 0.1, "selection-samples": 10,
    "schedule-epochs": 310, "restart-period": 10, "restart-growth": 2, "halve-weight-decay": 0,
    "dropout": 0, "drop-path": 0, "auxiliary-weight": 0, "auxiliary-training": 1,
    "score-dropout": 0, "running-statistics": 0, "augmented-scores": 0, "off-path-updates": 0,
    "batch-size": 128, "learning-rate": 0.05, "final-learning-rate": 0.001, "momentum": 0.9,
    "nesterov": 1, "weight-decay": 1e-4, "gradient-clip": 0,
    "searches": 1, "selection-epochs": 630, "controller-beta1": 0, "controller-epsilon": 1e-3,
    "decay-after": 14, "decay-factor": 1, "length-deviation": 0,
  ]

  @Test func enasHasItsSources() throws {
    try check(ENAS.self, nil, enas)
    // scripts/cifar10_macro_search.sh, line by line; general_child.py scores with is_training=False
    // and keeps its dropout for training; general_controller.py: entropies of the choices.
    try check(
      ENAS.self, "released-macro",
      enas.merging([
        "controller-updates": 50, "samples-per-update": 20, "controller-learning-rate": 0.001,
        "entropy-weight": 1e-4, "chosen-entropy": 1, "tanh-constant": 1.5, "temperature": 1,
        "skip-logit-scale": 1, "final-learning-rate": 0.0005, "weight-decay": 2.5e-4,
        "dropout": 0.1, "running-statistics": 1, "off-path-updates": 1,
      ]) { $1 })
    // scripts/cifar10_micro_search.sh; micro_child.py scores with is_training=True and leaves
    // "aux_head" out of its trained variables.
    try check(
      ENAS.self, "released-micro",
      enas.merging([
        "controller-updates": 30, "samples-per-update": 10, "controller-learning-rate": 0.0035,
        "entropy-weight": 1e-4, "tanh-constant": 1.1, "temperature": 1, "schedule-epochs": 150,
        "final-learning-rate": 0.0005, "dropout": 0.1, "score-dropout": 1, "auxiliary-weight": 0.4,
        "auxiliary-training": 0, "off-path-updates": 1, "batch-size": 160,
      ]) { $1 })
    // D-X-Y/AutoDL-Projects, ENAS.py, ENAS.sh and ENAS.config: clip_grad_norm_ of both at 5,
    // torch.optim.Adam with betas (0, 0.999) and eps 1e-3, lstm_size 32 of two layers.
    try check(
      ENAS.self, "nas-bench-201",
      enas.merging([
        "controller-updates": 50, "samples-per-update": 20, "controller-learning-rate": 0.001,
        "controller-gradient-clip": 5, "epsilon-hat": 0, "entropy-weight": 1e-4,
        "baseline-per-epoch": 1, "controller-layers": 2, "hidden-units": 32,
        "selection-samples": 100, "schedule-epochs": 250, "restart-growth": 1,
        "final-learning-rate": 0.0005, "weight-decay": 2.5e-4, "halve-weight-decay": 1,
        "augmented-scores": 1, "off-path-updates": 1, "gradient-clip": 5,
      ]) { $1 })
    // Section 3.1: the learning rate of 20 decays by 0.96 after 15 epochs, weight decay 1e-7, 0.25.
    try check(
      ENAS.self, "paper-rnn",
      enas.merging([
        "samples-per-update": 10, "entropy-weight": 1e-4, "batch-size": 64, "schedule-epochs": 150,
        "learning-rate": 20, "decay-factor": 0.96, "momentum": 0, "nesterov": 0,
        "weight-decay": 1e-7, "gradient-clip": 0.25,
      ]) { $1 })
    // enas_lm, src/child.py and src/controller.py: their flags' defaults.
    try check(
      ENAS.self, "released-lm",
      enas.merging([
        "controller-updates": 25, "samples-per-update": 10, "controller-learning-rate": 5e-5,
        "controller-beta1": 0.9, "controller-epsilon": 1e-8, "entropy-weight": 1e-5,
        "chosen-entropy": 1, "tanh-constant": 2.25, "baseline-decay": 0.999,
        "initial-range": 0.01, "schedule-epochs": 600, "learning-rate": 20,
        "final-learning-rate": 20, "momentum": 0, "nesterov": 0, "weight-decay": 8e-7,
        "halve-weight-decay": 1, "gradient-clip": 0.1, "length-deviation": 5,
      ]) { $1 })
    #expect(
      ENAS.presets.map(\.name) == [
        "nas-bench-201", "released-macro", "released-micro", "paper-rnn", "released-lm",
      ])
  }
}
