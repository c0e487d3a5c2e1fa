import Foundation
import TestSupport
import Testing

/// The order of the modules, by the `import` lines: an undeclared import can compile on an
/// incremental build, so the compiler alone does not hold it.
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

  @Test(arguments: all)
  func modulesImportOnlyWhatTheyDeclare(line: Import) throws {
    let layers = try PackageManifest.ofThisPackage().layers
    let layer = try #require(layers.first { $0.name == line.target })
    #expect(
      layer.dependencies.contains(line.module) || Self.platform.contains(line.module), "\(line)")
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
    "Randomness", "Statistics", "OperationCosts", "TensorCore", "SearchSpaces", "SearchMethods",
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
