import TestSupport

/// Suites; the line numbers count from the first line of `goodSuite`.
extension BadInput {
  private static let goodSuite = """
    suite: bad
    version: 3
    summary: A toy.
    seed: 9
    seeds: 2
    device: k40
    studies:
      - name: one
        kind: common-space
        dataset: shapes10
        space: nas-bench-201
        evaluator: training
        recipe: {name: nasbench201-12, batch-size: 64}
        scale: {channels: 4, cells: 1, training-images: 100, epochs: 2}
        methods:
          - name: regularized-evolution
            population-size: 4
            sample-size: 2
          - random-search
        budget:
          search: {trials: 8}
          final: {epochs: 12}
    """

  private static func suite(_ old: String, _ new: String, _ message: String) -> BadInput {
    BadInput(.suite, goodSuite, old, new, message)
  }

  /// The same study by a recorded table, which is of one space.
  private static let goodTableSuite =
    goodSuite
    .replacing("dataset: shapes10", with: "dataset: nasbench201")
    .replacing("evaluator: training", with: "evaluator: table")
    .replacing("    recipe: {name: nasbench201-12, batch-size: 64}\n", with: "")
    .replacing(
      "    scale: {channels: 4, cells: 1, training-images: 100, epochs: 2}\n", with: ""
    )
    .replacing("\n      final: {epochs: 12}", with: "")

  private static func plugin(_ entry: String, _ message: String) -> BadInput {
    suite("      - random-search", "      - \(entry)", ":19: studies[0].methods[1]" + message)
  }

  /// Methods that are programs of their own.
  static let plugins: [BadInput] = [
    plugin("{command: [python3, a.py]}", ": key 'name' is missing"),
    plugin(
      "{name: nas, command: [python3]}",
      ".name: 'nas' is a method of this program; expected another name"),
    plugin(
      "{name: a, command: python3 a.py}",
      ".command: found 'python3 a.py'; expected a list of 1 to 64"),
    plugin("{name: a, command: []}", ".command: found a list of 0; expected a list of 1 to 64"),
    plugin(
      "{name: A/../b, command: [a]}",
      ".name: found 'A/../b'; expected lower-case letters, digits and '-'"),
    plugin("{name: a, comand: [a]}", ".name: unknown method 'a'; did you mean 'nas'?"),
    plugin(
      "{name: a, command: [a], setings: {}}", ": unknown key 'setings'; did you mean 'settings'?"),
    plugin(
      "{name: a, command: [a], settings: {b: [1]}}",
      ".settings.b: found a list; expected a text of 1 to 4096 bytes"),
    plugin(
      "{name: a, command: [a], deadline-seconds: 0}",
      ".deadline-seconds: found '0'; expected a number from 1 to 86400"),
    plugin("{name: a, command: [a], files: {b: c}}", ".files: unknown key 'b'; did you mean 'a'?"),
    plugin(
      "{name: a, command: [a], population-size: 3}",
      ": unknown key 'population-size'; expected one of name, command, settings, deadline-seconds, "
        + "files, space"),
  ]

  private static func evaluator(_ entry: String, _ message: String) -> BadInput {
    suite("evaluator: training", "evaluator: \(entry)", message)
  }

  /// Evaluators that are programs of their own.
  static let evaluators: [BadInput] = [
    evaluator("{command: [a]}", ":12: studies[0].evaluator: key 'name' is missing"),
    evaluator("{name: a}", ":12: studies[0].evaluator: key 'command' is missing"),
    evaluator(
      "{name: table, command: [a]}",
      ":12: studies[0].evaluator.name: 'table' is an evaluator of this program; expected another "
        + "name"),
    evaluator(
      "{name: a, command: [a], space: darts-cells}",
      ":12: studies[0].evaluator: unknown key 'space'; expected one of name, command, settings, "
        + "deadline-seconds, files"),
    BadInput(
      .suite,
      goodSuite.replacing("evaluator: training", with: "evaluator: {name: a, command: [a]}"),
      "space: nas-bench-201", "space: darts-recurrent",
      ":11: studies[0].space: evaluator 'a' has no networks for search space 'darts-recurrent'; "
        + "expected one of amoebanet-cells, darts-cells, enas-macro, enas-micro, nas-bench-201, "
        + "nas-chain, nas-chain-pooled, nas-chain-strided, nasnet-cells"),
    BadInput(
      .suite,
      goodSuite.replacing("evaluator: training", with: "evaluator: {name: a, command: [a]}"),
      "final: {epochs: 12}", "final: {gigaflops: 12}",
      ":21: studies[0].budget: a program that evaluates tells seconds and no operations; expected a "
        + "budget in another unit than gigaflops"),
  ]

  static let suites: [BadInput] =
    plugins + evaluators + [
      BadInput(
        .suite, goodTableSuite, "space: nas-bench-201", "space: darts-cells",
        ":11: studies[0].space: evaluator 'table' has no scores for search space 'darts-cells'; "
          + "expected nas-bench-201"),
      BadInput(
        .suite, goodTableSuite, "- random-search", "- {name: random-search, space: enas-micro}",
        ":17: studies[0].methods[1].space: evaluator 'table' has no scores for search space "
          + "'enas-micro'; expected nas-bench-201"),
      BadInput(.suite, "", ": is empty; expected a YAML mapping"),
      BadInput(
        .suite, "[1, 2]",
        ":1: found a list; expected a mapping with suite, version, summary, seed, seeds, device, "
          + "openblas-kernel, studies, lock"),
      BadInput(.suite, [0x61, 0xFF], ": is not UTF-8 text; expected a YAML file"),
      BadInput(
        .suite, [UInt8](repeating: 0x20, count: 1 << 20 + 1),
        ": larger than 1 MiB; expected a small YAML file"),
      BadInput(
        .suite, String(repeating: "[", count: 2_000),
        ":1: cannot be read as YAML: more than 1000 values inside each other"),
      suite("seeds: 2", "seedz: 2", ":5: unknown key 'seedz'; did you mean 'seed'?"),
      suite(
        "seeds: 2", "seeds: two",
        ":5: seeds: found 'two'; expected a whole number from 1 to 10000"),
      suite(
        "seeds: 2", "seeds: 0", ":5: seeds: found '0'; expected a whole number from 1 to 10000"),
      suite(
        "seeds: 2", "seeds: [2]",
        ":5: seeds: found a list; expected a whole number from 1 to 10000"),
      suite(
        "seeds: 2", "seeds: 1e3",
        ":5: seeds: found '1e3'; expected a whole number from 1 to 10000"),
      suite(
        "seeds: 2", "seeds: \"2\"",
        ":5: seeds: found the text '2'; expected a whole number from 1 to 10000"),
      suite(
        "seeds: 2", "seeds:",
        ":5: seeds: found nothing; expected a whole number from 1 to 10000"),
      suite("seeds: 2", "seeds: 2\nseeds: 3", ":5: found twice: key 'seeds'; expected it once"),
      suite(
        "seed: 9", "seed: 9223372036854775808",
        ":4: seed: found '9223372036854775808'; expected a whole number from 0 to "
          + "9223372036854775807"),
      suite("seed: 9\n", "", ":1: key 'seed' is missing"),
      suite(
        "suite: bad", "suite: ../bad",
        ":1: suite: found '../bad'; expected lower-case letters, digits and '-'"),
      suite(
        "suite: bad", "suite: -bad",
        ":1: suite: found '-bad'; expected lower-case letters, digits and '-'"),
      suite(
        "suite: bad", "suite: long-long-long-long-long-long-long-long-long-long-long-long-long-",
        ":1: suite: found 'long-long-long-long-long-long-long-long-long-long-long-long-…'; "
          + "expected a text of 1 to 64 bytes"),
      suite(
        "device: k40", "device: k41",
        ":6: device: unknown device profile 'k41'; did you mean 'k40'?"),
      suite(
        "device: k40", "openblas-kernel: Haswel",
        ":6: openblas-kernel: unknown OpenBLAS kernel 'Haswel'; did you mean 'Haswell'?"),
      suite(
        "dataset: shapes10", "dataset: shapes1",
        ":10: studies[0].dataset: unknown dataset 'shapes1'; did you mean 'shapes10'?"),
      suite(
        "kind: common-space", "kind: common",
        ":9: studies[0].kind: unknown kind 'common'; expected one of common-space, own-space"),
      suite(
        "space: nas-bench-201", "space: nas-bench-102",
        ":11: studies[0].space: unknown search space 'nas-bench-102'; did you mean 'nas-bench-201'?"
      ),
      suite(
        "evaluator: training", "evaluator: table",
        ":13: studies[0].recipe: does not go with evaluator 'table', which trains nothing"),
      suite(
        "evaluator: training", "evaluator: oracle",
        ":12: studies[0].evaluator: unknown evaluator 'oracle'; expected one of table, training"),
      suite(
        "batch-size: 64", "batchsize: 64",
        ":13: studies[0].recipe: unknown key 'batchsize'; did you mean 'batch-size'?"),
      suite(
        "channels: 4", "channels: 4097",
        ":14: studies[0].scale.channels: found '4097'; expected a whole number from 1 to 4096"),
      suite(
        "population-size: 4", "population-size: 0",
        ":17: studies[0].methods[0].population-size: found '0'; expected a whole number from 2 "
          + "to 100000"),
      suite(
        "population-size: 4", "population-size: .nan",
        ":17: studies[0].methods[0].population-size: found '.nan'; expected a whole number "
          + "from 2 to 100000"),
      suite(
        "population-size: 4", "population: 4",
        ":17: studies[0].methods[0]: unknown key 'population'; did you mean 'population-size'?"),
      suite(
        "- random-search", "- {name: darts, searches: 65}",
        ":19: studies[0].methods[1].searches: found '65'; expected a whole number from 1 to 64"),
      suite(
        "- random-search", "- {name: darts, selection-epochs: 0}",
        ":19: studies[0].methods[1].selection-epochs: found '0'; expected a whole number from 1 "
          + "to 10000"),
      suite(
        "name: regularized", "name: regularised",
        ":16: studies[0].methods[0].name: unknown method 'regularised-evolution'; did you mean "
          + "'regularized-evolution'?"),
      suite(
        "      - random-search\n", "      - random-search\n      - random-search\n",
        ":20: studies[0].methods[2]: method 'random-search' is given twice; expected once a "
          + "study, or another 'label'"),
      suite(
        "trials: 8", "trial: 8",
        ":21: studies[0].budget.search: unknown key 'trial'; did you mean 'trials'?"),
      suite(
        "trials: 8", "trials: -1",
        ":21: studies[0].budget.search.trials: found '-1'; expected a number from 1e-09 to "
          + "1000000000000"),
      suite(
        "trials: 8", "trials: 1e999",
        ":21: studies[0].budget.search.trials: found '1e999'; expected a number from 1e-09 to "
          + "1000000000000"),
      suite(
        "trials: 8", "trials: 3, epochs: 2",
        ":21: studies[0].budget.search: found 2 amounts; expected one, in reference-gpu-hours "
          + "or another"),
      suite("\n      final: {epochs: 12}", "", ":21: studies[0].budget: key 'final' is missing"),
      suite(
        "summary: A", "summary: &a A",
        ":3: found '&', which begins an anchor; write the value out, or put a space behind '&'"),
      suite(
        "summary: A toy.", "summary: *toy", ":3: cannot be read as YAML: found undefined alias"),
      suite("summary: A toy.", "? [a, b]\n: c", ":3: found a key that is a list; expected a word"),
      suite(
        "summary: A toy.", "summary: \"A toy.",
        ":22: cannot be read as YAML: found unexpected end of stream"),
      suite(
        "  - name: one", "\t- name: one",
        ":8: cannot be read as YAML: found character that cannot start any token"),
      suite(
        "summary: A toy.", "summary: \0",
        ": cannot be read as YAML: control characters are not allowed"),
      suite(
        "summary: A toy.", "--- more",
        ":3: cannot be read as YAML: found another document; expected one"),
    ]
}
