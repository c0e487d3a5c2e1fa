// swift-tools-version: 6.2
import PackageDescription

// Every warning is an error, in Swift and in C; no unsafe flags.
let swift: [SwiftSetting] = [.treatAllWarnings(as: .error)]
let c: [CSetting] = [.treatAllWarnings(as: .error)]

/// A layer of the suite, tested by `<name>Tests`. Targets are listed lowest first: a module
/// imports only from lines above its own (`LayeringTests` holds this).
func layer(_ name: String, _ dependencies: [Target.Dependency] = []) -> [Target] {
  [
    .target(name: name, dependencies: dependencies, swiftSettings: swift),
    .testTarget(
      name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies + ["TestSupport"],
      swiftSettings: swift),
  ]
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

let package = Package(
  name: "searchlight",
  products: [.executable(name: "searchlight", targets: ["searchlight"])],
  dependencies: [
    // Command line with generated help and errors; the standard for Swift tools.
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    // SQLite with migrations and typed rows; the results store is a query away for anyone.
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    // YAML with line numbers, for suites, manifests and device profiles.
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    // Leveled log lines of workers, without a format of our own.
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
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
    + layer("Randomness")
    + layer("Statistics", ["Randomness"])
    + layer("OperationCosts")
    + layer("TensorCore", ["CKernels", "COpenBLAS", "Randomness", "OperationCosts"])
    + layer("NeuralNetworks", ["TensorCore", "Randomness", "OperationCosts"])
    + layer("SearchCore", ["Randomness", "OperationCosts"])
    + layer(
      "SearchSpaces",
      ["SearchCore", "NeuralNetworks", "TensorCore", "Randomness", "OperationCosts"])
    + layer(
      "Controllers",
      ["SearchCore", "SearchSpaces", "TensorCore", "Randomness", "OperationCosts"])
    + layer(
      "SearchMethods",
      ["Controllers", "SearchCore", "SearchSpaces", "TensorCore", "Randomness"])
    + layer(
      "WeightSharing",
      [
        "SearchCore", "SearchSpaces", "Controllers", "NeuralNetworks", "TensorCore", "Randomness",
        "OperationCosts",
      ])
    + layer("StrictYAML", ["SearchCore", yams])
    + layer("Datasets", ["StrictYAML", "SearchCore", "Randomness", "CArchive", crypto])
    + layer(
      "Evaluators",
      [
        "SearchCore", "WeightSharing", "SearchSpaces", "Datasets", "NeuralNetworks", "TensorCore",
        "Randomness", "OperationCosts", crypto,
      ])
    + layer(
      "Performance",
      [
        "SearchSpaces", "SearchCore", "NeuralNetworks", "TensorCore", "Randomness",
        "OperationCosts", "Statistics",
      ])
    + layer(
      "Experiments",
      [
        "StrictYAML", "SearchCore", "Randomness", "Statistics", "OperationCosts", logging, crypto,
      ])
    + layer("ResultsStore", ["Experiments", "SearchCore", "Randomness", "OperationCosts", grdb])
    + layer("Claims", ["SearchCore", "Statistics"])
    + layer("Charts", ["CCairo", "Statistics"])
    + layer(
      "Reports",
      [
        "Charts", "ResultsStore", "Experiments", "Claims", "SearchCore", "OperationCosts",
        "Statistics",
      ])
    + [
      .executableTarget(
        name: "searchlight",
        dependencies: [
          "Reports", "Charts", "Claims", "ResultsStore", "Experiments", "Performance", "Evaluators",
          "Datasets", "WeightSharing", "SearchMethods", "SearchSpaces", "SearchCore",
          "NeuralNetworks", "TensorCore",
          "OperationCosts", "Statistics", "Randomness", argumentParser, logging,
        ],
        swiftSettings: swift),
      .testTarget(
        name: "searchlightTests",
        dependencies: [
          "searchlight", "TestSupport", "Experiments", "SearchSpaces", "SearchCore",
          "NeuralNetworks", "TensorCore", "OperationCosts", "Randomness", "Performance", "Claims",
        ],
        swiftSettings: swift),
    ]
)
