import Foundation

/// The energy counters of the processor packages, where the machine has them (RAPL).
///
/// They count the whole package, whatever runs on it, and begin again at zero when full.
package struct EnergyCounter {
  private struct Package {
    let file: URL
    let range: Int
    var last: Int
  }

  private var packages: [Package] = []
  private var lastSeconds = -Double.infinity

  /// Looks for counters.
  package init(folder: URL = URL(filePath: "/sys/class/powercap")) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    // `intel-rapl:0` is a package, on AMD too; `intel-rapl:0:1` a part of one.
    for name in names.sorted() where name.split(separator: ":").count == 2 {
      let file = folder.appending(path: name).appending(path: "energy_uj")
      let limit = folder.appending(path: name).appending(path: "max_energy_range_uj")
      guard let last = Self.number(file), let range = Self.number(limit) else { continue }
      packages.append(Package(file: file, range: range, last: last))
    }
  }

  /// Energy since the last reading, in microjoules; `nil` if the machine has no counter.
  ///
  /// Read at most ten times a second: in between, nothing new is known.
  package mutating func microjoules(at seconds: Double) -> Int? {
    guard !packages.isEmpty else { return nil }
    guard seconds - lastSeconds >= 0.1 else { return 0 }
    lastSeconds = seconds
    var total = 0
    for index in packages.indices {
      guard let now = Self.number(packages[index].file) else { return nil }
      let difference = now - packages[index].last
      total += difference >= 0 ? difference : difference + packages[index].range
      packages[index].last = now
    }
    return total
  }

  private static func number(_ file: URL) -> Int? { KernelFile(file.path).number }
}
