import ArgumentParser
import Datasets
import Foundation

/// Where the project lies: its manifests, suites and reports.
struct ProjectFolder {
  /// The folder with `datasets` and `Benchmarks`.
  let root: URL

  /// Finds the folder: `$SEARCHLIGHT_HOME`, else upwards from the working folder, else upwards from
  /// the program.
  ///
  /// - Throws: A `CommandFailure` that says what to do if it is at none of these places.
  static func find() throws -> ProjectFolder {
    let environment = ProcessInfo.processInfo.environment
    if let home = environment["SEARCHLIGHT_HOME"], !home.isEmpty {
      let folder = URL(filePath: home)
      guard isProject(folder) else {
        throw CommandFailure(
          "$SEARCHLIGHT_HOME is \(home), which has no folders 'datasets' and 'Benchmarks'")
      }
      return ProjectFolder(root: folder)
    }
    let working = URL(filePath: FileManager.default.currentDirectoryPath)
    let program = Bundle.main.executableURL?.resolvingSymlinksInPath()
    for start in [working, program].compactMap({ $0 }) {
      if let folder = upwards(from: start) { return ProjectFolder(root: folder) }
    }
    throw CommandFailure(
      "no project here: no folder from \(working.path) upwards has 'datasets' and 'Benchmarks'; "
        + "go to the checkout, or set SEARCHLIGHT_HOME to it")
  }

  /// The datasets; `$SEARCHLIGHT_DATA` moves their files out of the checkout.
  var library: DatasetLibrary {
    let manifests = root.appending(path: "datasets")
    let moved = ProcessInfo.processInfo.environment["SEARCHLIGHT_DATA"] ?? ""
    return DatasetLibrary(
      manifestFolder: manifests,
      cache: moved.isEmpty ? manifests.appending(path: ".cache") : URL(filePath: moved))
  }

  private static func isProject(_ folder: URL) -> Bool {
    ["datasets", "Benchmarks"].allSatisfy { name in
      var isFolder: ObjCBool = false
      let path = folder.appending(path: name).path
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        && isFolder.boolValue
    }
  }

  private static func upwards(from start: URL) -> URL? {
    var folder = start.standardizedFileURL
    while true {
      if isProject(folder) { return folder }
      let above = folder.deletingLastPathComponent().standardizedFileURL
      guard above.path.count < folder.path.count else { return nil }
      folder = above
    }
  }
}
