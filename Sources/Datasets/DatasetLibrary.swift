import Foundation
import SearchCore
import StrictYAML

/// The datasets that there are, and their files in the cache.
///
/// Manifests come from one folder; those of imported datasets are remembered in the cache. Files are
/// at `<cache>/<name>/<version>/…`.
public struct DatasetLibrary: Sendable {
  /// Whether a dataset's files are in the cache, judged by their sizes; `check(_:)` reads them.
  public enum State: Hashable, Sendable {
    case present
    case absent
    /// A file is missing or of another size.
    case damaged(file: String, problem: String)

    /// One word for tables and JSON.
    public var word: String {
      switch self {
      case .present: "present"
      case .absent: "absent"
      case .damaged: "damaged"
      }
    }
  }

  /// What a check found of one file.
  public struct FileCheck: Hashable, Sendable {
    public let path: String
    public let sizeBytes: Int
    /// What is wrong, or `nil`.
    public let problem: String?
  }

  /// Name of the manifest that is kept with imported data.
  static let rememberedManifest = "manifest.yaml"

  /// Folder of the manifests that belong to the program.
  public let manifestFolder: URL
  /// Folder of all datasets' files; made when first needed.
  public let cache: URL

  public init(manifestFolder: URL, cache: URL) {
    self.manifestFolder = manifestFolder
    self.cache = cache
  }

  /// All manifests, by name: the program's own, then those remembered from imports.
  ///
  /// - Throws: `manifest` for the first one that cannot be read.
  public func manifests() throws(DatasetError) -> [DatasetManifest] {
    var manifests: [DatasetManifest] = []
    for file in try builtInFiles() { manifests.append(try DatasetManifest(contentsOf: file)) }
    for name in DurableFile.names(in: cache) {
      let file = cache.appending(path: name).appending(path: Self.rememberedManifest)
      guard !manifests.contains(where: { $0.name == name }), DurableFile.exists(file) else {
        continue
      }
      manifests.append(try DatasetManifest(contentsOf: file))
    }
    return manifests.sorted { $0.name < $1.name }
  }

  /// Finds a dataset by its name, or reads the manifest at a path (a word with `/` or `.yaml`).
  ///
  /// - Throws: `unknownDataset` with the nearest name; `manifest`, `fileSystem`.
  public func manifest(_ name: String) throws(DatasetError) -> DatasetManifest {
    if name.contains("/") || name.hasSuffix(".yaml") {
      return try userManifest(URL(filePath: name))
    }
    let known = try manifests()
    if let found = known.first(where: { $0.name == name }) { return found }
    let names = known.map { $0.name }
    throw .unknownDataset(
      name: name, nearest: NearestName.of(name, among: names), known: names)
  }

  /// Reads a user's own manifest.
  ///
  /// - Throws: `manifest` if it takes the name of a dataset that belongs to the program: data that is
  ///   not the official data is not to be passed off as it.
  public func userManifest(_ file: URL) throws(DatasetError) -> DatasetManifest {
    var manifest = try DatasetManifest(contentsOf: file)
    manifest.isGiven = true
    for own in try builtInFiles() {
      let builtIn = try DatasetManifest(contentsOf: own)
      guard builtIn.name != manifest.name || builtIn.yaml == manifest.yaml else {
        throw .manifest(
          YAMLError(
            file: file.relativePath,
            "name: '\(manifest.name)' is a dataset of the program; choose another name"))
      }
      if builtIn.name == manifest.name { manifest.isGiven = false }
    }
    return manifest
  }

  /// Whether a dataset's files are there and of the right sizes.
  public func state(of manifest: DatasetManifest) -> State {
    let home = home(of: manifest)
    guard DurableFile.exists(home) else { return .absent }
    for file in manifest.files {
      guard let size = DurableFile.sizeBytes(home.appending(path: file.path)) else {
        return .damaged(file: file.path, problem: "is missing")
      }
      guard size == file.sizeBytes else {
        return .damaged(
          file: file.path, problem: "has \(size) bytes, expected \(file.sizeBytes)")
      }
    }
    return .present
  }

  /// Reads every file of a dataset and compares sizes and checksums.
  ///
  /// - Throws: `absent` if nothing is there.
  public func check(_ manifest: DatasetManifest) throws(DatasetError) -> [FileCheck] {
    try unpackEmbedded(manifest)
    guard state(of: manifest) != .absent else { throw absent(manifest) }
    var checks: [FileCheck] = []
    for file in manifest.files {
      let place = home(of: manifest).appending(path: file.path)
      let size = DurableFile.sizeBytes(place)
      var verifier = FileVerifier(file)
      if size != nil { try DurableFile.read(place) { verifier.update($0) } }
      checks.append(
        FileCheck(
          path: file.path, sizeBytes: size ?? 0,
          problem: size == nil ? "is missing" : verifier.problem()))
    }
    return checks
  }

  /// Imports a dataset from archives, files or unpacked folders.
  public func importing(
    _ manifest: DatasetManifest, from sources: [URL]
  ) throws(DatasetError) {
    try DatasetImporter(manifest, cache: cache).importing(sources)
  }

  /// Opens a dataset of images; an embedded one is unpacked into the cache first.
  ///
  /// - Throws: `absent` or `damaged` with the command to type; `wrongKind` for a table or a text.
  public func images(_ name: String) throws(DatasetError) -> ImageDataset {
    try opened(manifest(name)).images()
  }

  /// Opens a recorded table.
  ///
  /// - Throws: `absent` or `damaged` with the command to type; `wrongKind` for images or a text.
  public func table(_ name: String) throws(DatasetError) -> RecordedTable {
    try opened(manifest(name)).table()
  }

  /// Opens recorded scores; embedded ones are unpacked into the cache first.
  ///
  /// - Throws: `absent` or `damaged` with the command to type; `wrongKind` for anything else.
  public func scores(_ name: String) throws(DatasetError) -> RecordedScores {
    try opened(manifest(name)).scores()
  }

  /// Opens a text of words; an embedded one is unpacked into the cache first.
  ///
  /// - Throws: `absent` or `damaged` with the command to type; `wrongKind` for images or a table.
  public func text(_ name: String) throws(DatasetError) -> TextDataset {
    try opened(manifest(name)).text()
  }

  /// Folder of a dataset's files.
  public func home(of manifest: DatasetManifest) -> URL {
    DatasetImporter(manifest, cache: cache).home
  }

  private func opened(_ manifest: DatasetManifest) throws(DatasetError) -> FileDecoder {
    try unpackEmbedded(manifest)
    switch state(of: manifest) {
    case .present: return FileDecoder(manifest, home: home(of: manifest))
    case .absent: throw absent(manifest)
    case .damaged(let file, let problem):
      throw .damaged(
        name: manifest.name, file: file, problem: problem, advice: manifest.advice)
    }
  }

  /// Imports archives that lie beside the manifest, the first time they are needed.
  private func unpackEmbedded(_ manifest: DatasetManifest) throws(DatasetError) {
    guard state(of: manifest) == .absent, let archives = manifest.embeddedArchives else { return }
    // Two workers may need it at once; the second must not replace what the first reads.
    try DatasetImporter(manifest, cache: cache).importing(archives) {
      state(of: manifest) == .present
    }
  }

  func absent(_ manifest: DatasetManifest) -> DatasetError {
    .absent(name: manifest.name, advice: manifest.advice)
  }

  private func builtInFiles() throws(DatasetError) -> [URL] {
    guard DurableFile.isFolder(manifestFolder) else {
      throw .fileSystem(path: manifestFolder.path, problem: "there is no such folder of manifests")
    }
    return DurableFile.names(in: manifestFolder).filter { $0.hasSuffix(".yaml") }
      .map { manifestFolder.appending(path: $0) }
  }
}
