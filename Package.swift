// swift-tools-version: 6.2
import PackageDescription

// Every warning is an error, in Swift and in C; no unsafe flags.
let swift: [SwiftSetting] = [.treatAllWarnings(as: .error)]
let c: [CSetting] = [.treatAllWarnings(as: .error)]

/// A layer of the suite, and `<name>Tests`. Targets are listed lowest first: a module imports only
/// from lines above its own, and each target declares exactly what it imports (`LayeringTests`
/// holds both). A module's tests have a list of their own, so that what they need does not open
/// the module to it.
func layer(
  _ name: String, _ dependencies: [Target.Dependency] = [], tests: [Target.Dependency] = []
) -> [Target] {
  [
    .target(name: name, dependencies: dependencies, swiftSettings: swift),
    .testTarget(
      name: "\(name)Tests", dependencies: [.byName(name: name)] + tests, swiftSettings: swift),
  ]
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

let package = Package(
  name: "searchlight",
  products: [.executable(name: "searchlight", targets: ["searchlight"])],
  dependencies: [
    // Command line with generated help and errors; the standard for Swift tools.
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    // SQLite with typed rows: results as a database that anyone can query.
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    // YAML with line numbers, for suites, manifests and device profiles.
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    // Streaming SHA-256, SHA-1 and MD5, for archives and provenance.
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
  ],
  targets: [
    // BLAS of the tensor core; vector graphics of the charts; archives of the datasets.
    system("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev"),
    system("CCairo", pkgConfig: "cairo", apt: "libcairo2-dev"),
    system("CArchive", pkgConfig: "libarchive", apt: "libarchive-dev"),
    .target(name: "CKernels", cSettings: c, linkerSettings: [.linkedLibrary("pthread")]),
    .target(
      name: "TestSupport", dependencies: ["Randomness", "CArchive", crypto],
      path: "Tests/TestSupport",
      swiftSettings: swift),
  ]
    + layer("Checks")
    + layer("Randomness", ["Checks"])
    + layer("Statistics", ["Randomness"], tests: ["Randomness"])
    + layer("OperationCosts")
    + layer(
      "TensorCore", ["Checks", "CKernels", "COpenBLAS", "Randomness", "OperationCosts"],
      tests: ["CKernels", "Randomness", "OperationCosts"])
    + layer("SearchCore", ["Checks", "Randomness", "OperationCosts"], tests: ["OperationCosts"])
    + layer(
      "NeuralNetworks", ["Checks", "SearchCore", "TensorCore", "Randomness"],
      tests: ["SearchCore", "TensorCore", "Randomness", "OperationCosts", "TestSupport"])
    + layer(
      "SearchSpaces", ["Checks", "SearchCore", "NeuralNetworks", "TensorCore", "Randomness"],
      tests: [
        "SearchCore", "NeuralNetworks", "TensorCore", "Randomness", "OperationCosts", "TestSupport",
      ])
    + layer(
      "Controllers",
      ["Checks", "SearchCore", "SearchSpaces", "TensorCore", "Randomness", "OperationCosts"],
      tests: ["SearchCore", "SearchSpaces", "TensorCore", "Randomness", "OperationCosts"])
    + layer(
      "SearchMethods", ["Controllers", "SearchCore", "TensorCore", "Randomness"],
      tests: ["Controllers", "SearchCore", "SearchSpaces", "Randomness"])
    + layer(
      "WeightSharing",
      [
        "SearchCore", "SearchSpaces", "Controllers", "NeuralNetworks", "TensorCore", "Randomness",
        "OperationCosts",
      ],
      tests: [
        "SearchCore", "SearchSpaces", "NeuralNetworks", "TensorCore", "Randomness",
        "OperationCosts", "TestSupport",
      ])
    + layer("StrictYAML", ["SearchCore", yams])
    + layer(
      "Datasets", ["Checks", "StrictYAML", "SearchCore", "Randomness", "CArchive", crypto],
      tests: ["SearchCore", "Randomness", "TestSupport"])
    + layer(
      "Training",
      [
        "SearchCore", "Datasets", "NeuralNetworks", "TensorCore", "Randomness", "OperationCosts",
        crypto,
      ],
      tests: [
        "SearchCore", "Datasets", "NeuralNetworks", "TensorCore", "Randomness", "OperationCosts",
      ])
    + layer(
      "Evaluators",
      [
        "SearchCore", "Training", "WeightSharing", "SearchSpaces", "Datasets", "NeuralNetworks",
        "TensorCore", "Randomness", "OperationCosts",
      ],
      tests: [
        "SearchCore", "Training", "WeightSharing", "SearchSpaces", "Datasets", "NeuralNetworks",
        "TensorCore", "Randomness", "OperationCosts", "TestSupport",
      ])
    + layer(
      "Performance",
      [
        "SearchSpaces", "SearchCore", "NeuralNetworks", "TensorCore", "Randomness",
        "OperationCosts", "Statistics",
      ], tests: ["TensorCore", "OperationCosts"])
    + layer(
      "Experiments",
      ["StrictYAML", "SearchCore", "Randomness", "Statistics", "OperationCosts", crypto],
      tests: ["SearchCore", "Randomness", "OperationCosts", "TestSupport"])
    + layer("Slurm")
    + layer(
      "Plugins", ["Datasets", "SearchCore", "OperationCosts", "Randomness"],
      tests: ["Datasets", "SearchCore", "SearchSpaces", "OperationCosts", "Randomness"])
    + layer(
      "ResultsStore", ["Experiments", "SearchCore", "OperationCosts", grdb],
      tests: ["Experiments", "SearchCore", "Randomness", "OperationCosts", grdb])
    + layer(
      "Claims", ["SearchCore", "Statistics"],
      tests: ["SearchCore", "Statistics", "Randomness", "TestSupport"])
    + layer(
      "Verification",
      [
        "Claims", "Evaluators", "SearchMethods", "SearchSpaces", "SearchCore", "Datasets",
        "NeuralNetworks", "TensorCore", "Randomness", "Statistics", "OperationCosts",
      ],
      tests: [
        "Claims", "SearchCore", "Datasets", "NeuralNetworks", "TensorCore", "Randomness",
        "TestSupport",
      ])
    + layer("Charts", ["CCairo", "Statistics"], tests: ["Statistics", "TestSupport"])
    + layer(
      "Reports",
      [
        "Charts", "ResultsStore", "Experiments", "Claims", "SearchCore", "OperationCosts",
        "Statistics",
      ],
      tests: [
        "Charts", "ResultsStore", "Experiments", "Claims", "SearchCore", "Randomness",
        "OperationCosts", "TestSupport",
      ])
    + [
      .executableTarget(
        name: "searchlight",
        dependencies: [
          "Reports", "Charts", "Verification", "Claims", "ResultsStore", "Plugins", "Slurm",
          "Experiments",
          "Performance", "Evaluators", "Training", "Datasets", "WeightSharing", "SearchMethods",
          "SearchSpaces", "SearchCore", "NeuralNetworks", "TensorCore", "Randomness",
          "OperationCosts", argumentParser,
        ],
        swiftSettings: swift),
      .testTarget(
        name: "searchlightTests",
        dependencies: [
          "searchlight", "TestSupport", "Verification", "Experiments", "Evaluators", "Datasets",
          "SearchMethods", "SearchSpaces", "SearchCore", "NeuralNetworks", "TensorCore",
          "OperationCosts", "Randomness", "Performance",
        ],
        swiftSettings: swift),
    ]
)
