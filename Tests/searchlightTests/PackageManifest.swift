import TestSupport
import Foundation

/// What Package.swift says of the layers: read as text, so that the test needs no package tool.
struct PackageManifest {
  struct Layer: Sendable {
    let name: String
    /// Modules that it may import, products of other packages among them.
    let dependencies: Set<String>
  }

  /// Modules of Sources, lowest first.
  let layers: [Layer]
  /// Modules of Tests.
  let tests: [Layer]
  /// Modules of other packages that some target depends on.
  let products: Set<String>

  init(text: String) {
    var products: [String: String] = [:]
    let product = /let (\w+): Target\.Dependency = \.product\(\s*name: "(\w+)"/
    for match in text.matches(of: product) { products[String(match.1)] = String(match.2) }
    let aliases = products
    func modules(_ list: Substring) -> Set<String> {
      let names = list.matches(of: /"?(\w+)"?/).map { String($0.1) }
      return Set(names.map { aliases[$0] ?? $0 })
    }
    var found: [(place: String.Index, layer: Layer)] = []
    for match in text.matches(of: /system\("(\w+)", pkgConfig/) {
      found.append((match.range.lowerBound, Layer(name: String(match.1), dependencies: [])))
    }
    for match in text.matches(of: /\.target\(name: "(\w+)", cSettings/) {
      found.append((match.range.lowerBound, Layer(name: String(match.1), dependencies: [])))
    }
    var tests: [Layer] = []
    for match in text.matches(
      of: /\+ layer\(\s*"(\w+)"(?:,\s*\[([^\]]*)\])?(?:,\s*tests: \[([^\]]*)\])?\s*\)/)
    {
      let name = String(match.1)
      found.append(
        (match.range.lowerBound, Layer(name: name, dependencies: modules(match.2 ?? ""))))
      tests.append(
        Layer(name: "\(name)Tests", dependencies: modules(match.3 ?? "").union([name])))
    }
    for match in text.matches(
      of: /\.(\w*[tT]arget)\(\s*name: "(\w+)",\s*dependencies: \[([^\]]*)\]/)
    {
      let layer = Layer(name: String(match.2), dependencies: modules(match.3))
      if match.1 == "executableTarget" {
        found.append((match.range.lowerBound, layer))
      } else {
        tests.append(layer)
      }
    }
    self.tests = tests
    layers = found.sorted { $0.place < $1.place }.map { $0.layer }
    self.products = Set(products.values)
  }

  static func ofThisPackage() throws -> PackageManifest {
    let file = SharedFolder.repository.appending(path: "Package.swift")
    return PackageManifest(text: try String(contentsOf: file, encoding: .utf8))
  }
}
