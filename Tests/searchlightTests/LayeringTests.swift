import Foundation
import TestSupport
import Testing

/// The order of the modules, by the `import` lines: an undeclared import of what a dependency is
/// built from compiles, so the compiler alone does not hold it.
@Suite struct LayeringTests {
  struct Import: CustomStringConvertible, Hashable, Sendable {
    let module: String
    let file: String
    /// The target whose folder the file is in.
    let target: String

    var description: String { "import \(module) in \(file)" }
  }

  static func imports(in files: [SourceTree.File]) -> [Import] {
    let line = /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)?import\s+(?:\w+\s+)?(\w+)/
    return files.flatMap { file in
      file.lines.compactMap { text in
        text.firstMatch(of: line).map { match in
          let parts = file.path.split(separator: "/")
          return Import(
            module: String(match.1), file: file.path,
            target: parts.count > 1 ? String(parts[1]) : "")
        }
      }
    }
  }

  static let all = imports(in: SourceTree.swiftSources)

  /// What comes with Swift.
  static let platform: Set<String> = [
    "Foundation", "FoundationNetworking", "Dispatch", "Synchronization", "Glibc",
  ]

  // MARK: The reading itself

  @Test func importLinesAreUnderstood() {
    let file = SourceTree.File(
      path: "Sources/Charts/Canvas.swift",
      lines: [
        "import CCairo", "@preconcurrency import Foundation", "public import Statistics",
        "@_spi(Testing) package import Claims", "import struct Yams.Node", "// import GRDB",
        "let text = \"import Crypto\"",
      ])
    #expect(
      Self.imports(in: [file]).map { $0.module } == [
        "CCairo", "Foundation", "Statistics", "Claims", "Yams",
      ])
    #expect(Self.imports(in: [file]).allSatisfy { $0.target == "Charts" })
  }

  @Test func everySourceFolderIsALayerAndTheReverse() throws {
    let names = try PackageManifest.ofThisPackage().layers.map { $0.name }
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: SharedFolder.repository.appending(path: "Sources").path)
    let systems: Set<String> = ["COpenBLAS", "CCairo", "CArchive"]
    #expect(Set(folders.filter { !$0.hasPrefix(".") }).union(systems) == Set(names))
    #expect(names.first.map { systems.contains($0) } == true)
    #expect(names.last == "searchlight")
    #expect(Self.all.count > 100)
  }

  // MARK: The order

  @Test func layersDependOnlyOnLayersAbove() throws {
    let manifest = try PackageManifest.ofThisPackage()
    var above = manifest.products
    for layer in manifest.layers {
      #expect(layer.dependencies.subtracting(above) == [], "\(layer.name) depends on these")
      above.insert(layer.name)
    }
  }

  /// A target declares what its files import, no more and no less.
  @Test func targetsImportWhatTheyDeclare() throws {
    let manifest = try PackageManifest.ofThisPackage()
    let targets = manifest.layers + manifest.tests
    let lines = Self.all + Self.imports(in: SourceTree.swiftTests)
    #expect(Set(lines.map { $0.target }).subtracting(targets.map { $0.name }) == [])
    for target in targets {
      let isTest = manifest.tests.contains { $0.name == target.name }
      let imported = Set(lines.filter { $0.target == target.name }.map { $0.module })
        .subtracting(Self.platform).subtracting(isTest ? ["Testing"] : [])
      #expect(
        imported.subtracting(target.dependencies) == [], "\(target.name) does not declare these")
      #expect(
        target.dependencies.subtracting(imported) == [], "\(target.name) does not import these")
    }
  }

  @Test func testsHaveListsOfTheirOwn() {
    let manifest = PackageManifest(
      text: """
        let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
        .target(
          name: "Support", dependencies: ["Low"], path: "Tests/Support"),
        + layer("Low")
        + layer("High", ["Low", yams], tests: ["Support"])
        .executableTarget(name: "program", dependencies: ["High"]),
        .testTarget(name: "programTests", dependencies: ["program", "Low"]),
        """)
    #expect(manifest.layers.map { $0.name } == ["Low", "High", "program"])
    #expect(manifest.layers.map { $0.dependencies } == [[], ["Low", "Yams"], ["High"]])
    #expect(
      manifest.tests.map { $0.name } == ["LowTests", "HighTests", "Support", "programTests"])
    #expect(
      manifest.tests.map { $0.dependencies } == [
        ["Low"], ["High", "Support"], ["Low"], ["program", "Low"],
      ])
  }

  /// What may be imported in one place only.
  @Test(
    arguments: [
      ("CCairo", ["Charts"]), ("GRDB", ["ResultsStore"]), ("CKernels", ["TensorCore"]),
      ("COpenBLAS", ["TensorCore"]), ("CArchive", ["Datasets"]),
      ("Yams", ["StrictYAML"]), ("ArgumentParser", ["searchlight"]),
    ] as [(String, Set<String>)])
  func librariesStayInTheirModule(library: String, allowed: Set<String>) {
    let users = Self.all.filter { $0.module == library }
    #expect(!users.isEmpty)
    #expect(users.filter { !allowed.contains($0.target) } == [])
  }

  /// Experiments names no concrete method, space or dataset.
  @Test func theHarnessKnowsOnlyContracts() {
    let concrete: Set<String> = ["SearchMethods", "SearchSpaces", "Datasets", "Evaluators"]
    #expect(Self.all.filter { $0.target == "Experiments" && concrete.contains($0.module) } == [])
  }

  // MARK: Arithmetic

  @Test(arguments: [
    "Checks", "Randomness", "Statistics", "OperationCosts", "TensorCore", "SearchSpaces",
    "SearchMethods",
    "NeuralNetworks",
  ])
  func arithmeticNeedsNoFoundation(module: String) {
    let users = Self.all.filter { line in
      line.target == module && Self.platform.contains(line.module)
        && !line.file.hasPrefix("Sources/NeuralNetworks/Checkpoints/")
    }
    #expect(users == [])
  }
}
