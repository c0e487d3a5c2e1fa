import Datasets
import Experiments
import Foundation

/// What `doctor` finds out about a machine.
package struct MachineCheck {
  /// One thing that was looked at.
  package struct Finding: Encodable {
    /// Whether it is good enough.
    package enum Verdict: String, Encodable { case good, warning, problem }

    package let name: String
    package let verdict: Verdict
    package let detail: String
    /// What to do; `nil` if nothing.
    package let advice: String?

    /// One line for people.
    package var line: String {
      let head = "\(TableText.pad(verdict.rawValue, 8)) \(name): \(detail)"
      return advice.map { "\(head); \($0)" } ?? head
    }
  }

  private let project: ProjectFolder
  private let environment: [String: String]

  /// Prepares the checks.
  init(
    project: ProjectFolder, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    self.project = project
    self.environment = environment
  }

  /// Everything that was found, in a fixed order.
  func findings() throws -> [Finding] {
    var findings = [processor, memory, disk, fonts, Self.blasKernel(environment)]
    findings += libraries
    for manifest in try project.library.manifests() { findings.append(data(manifest)) }
    return findings
  }

  private var processor: Finding {
    let set = MachineEnvironment.instructionSet ?? "unknown"
    let detail = "\(JobLimits.current.processors) cores, \(set)"
    return set == "generic"
      ? Finding(
        name: "processor", verdict: .warning, detail: detail,
        advice: "without AVX2 training is several times slower")
      : Finding(name: "processor", verdict: .good, detail: detail, advice: nil)
  }

  private var memory: Finding {
    guard let bytes = JobLimits.current.memoryBytes else {
      return Finding(name: "memory", verdict: .warning, detail: "unknown", advice: nil)
    }
    let enough = bytes >= 4 << 30
    return Finding(
      name: "memory", verdict: enough ? .good : .warning, detail: "\(bytes >> 20) MiB",
      advice: enough ? nil : "4096 MiB are expected; run fewer at once with --jobs 1")
  }

  private var disk: Finding {
    let values = try? FileManager.default.attributesOfFileSystem(forPath: project.root.path)
    guard let free = (values?[.systemFreeSize] as? NSNumber)?.int64Value else {
      return Finding(name: "disk", verdict: .warning, detail: "unknown", advice: nil)
    }
    let enough = free >= 2 << 30
    return Finding(
      name: "disk", verdict: enough ? .good : .warning, detail: "\(free >> 20) MiB free",
      advice: enough ? nil : "2048 MiB are expected; free some space")
  }

  private var fonts: Finding {
    let folders = ["/usr/share/fonts", "/usr/local/share/fonts"]
    let found = folders.contains { folder in
      let names = FileManager.default.enumerator(atPath: folder)
      while let name = names?.nextObject() as? String {
        if name.hasSuffix("DejaVuSans.ttf") { return true }
      }
      return false
    }
    return Finding(
      name: "fonts", verdict: found ? .good : .problem,
      detail: found ? "DejaVu Sans is there" : "DejaVu Sans is missing",
      advice: found ? nil : "type 'sudo apt-get install fonts-dejavu-core'")
  }

  /// A kernel that somebody exported and that does not fit the processor halves the speed.
  package static func blasKernel(
    _ environment: [String: String],
    instructionSet: String? = MachineEnvironment.instructionSet
  ) -> Finding {
    guard let kernel = environment["OPENBLAS_CORETYPE"], !kernel.isEmpty else {
      return Finding(
        name: "BLAS kernel", verdict: .good, detail: "chosen by OpenBLAS", advice: nil)
    }
    let wide = ["skylakex", "cooperlake", "sapphirerapids"].contains(kernel.lowercased())
    let fits = instructionSet == "AVX-512" ? wide : !wide
    return Finding(
      name: "BLAS kernel", verdict: fits ? .good : .warning,
      detail: "OPENBLAS_CORETYPE is exported as \(kernel)",
      advice: fits
        ? nil
        : "it does not fit this processor (\(instructionSet ?? "unknown")); type "
          + "'unset OPENBLAS_CORETYPE'")
  }

  /// Libraries that this process has loaded; without them it would not have started.
  private var libraries: [Finding] {
    let maps = KernelFile("/proc/self/maps").lines
    let expected = [
      ("openblas", "libopenblas-dev"), ("cairo", "libcairo2-dev"), ("archive", "libarchive-dev"),
      ("sqlite3", "libsqlite3-dev"),
    ]
    return expected.map { name, package in
      let line = maps.first { $0.contains("/lib\(name)") }
      let path = line?.split(separator: " ").last.map(String.init)
      return Finding(
        name: "library \(name)", verdict: path == nil ? .warning : .good,
        detail: path ?? "not loaded",
        advice: path == nil ? "type 'sudo apt-get install \(package)' if it is missing" : nil)
    }
  }

  private func data(_ manifest: DatasetManifest) -> Finding {
    let state = project.library.state(of: manifest)
    let way = manifest.isFetchable ? "fetch \(manifest.name)" : "import \(manifest.name) PATH..."
    return Finding(
      name: "data \(manifest.name)", verdict: state == .present ? .good : .warning,
      detail: state.word,
      advice: state == .present ? nil : "type 'searchlight data \(way)' to use it")
  }
}
