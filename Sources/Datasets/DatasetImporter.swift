import Foundation

/// Brings a dataset's files into the cache: from archives, from loose files or from an unpacked
/// folder.
///
/// The files inside decide, by their checksums; an archive that someone packed anew is as good as the
/// original. All files are gathered beside their place, verified and decoded once, and only then
/// renamed into it; if anything is wrong, the cache is left as it was.
public struct DatasetImporter {
  /// How the names of archives end; a folder's other files are left alone.
  private static let archiveEndings = [
    ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst", ".zip",
  ]

  private let manifest: DatasetManifest
  /// Folder of this dataset in the cache.
  private let folder: URL

  /// Prepares an import.
  ///
  /// - Parameters:
  ///   - manifest: The dataset.
  ///   - cache: Folder of all datasets' files.
  public init(_ manifest: DatasetManifest, cache: URL) {
    self.manifest = manifest
    folder = cache.appending(path: manifest.name)
  }

  /// Folder of the dataset's files once they are there.
  public var home: URL { folder.appending(path: manifest.version) }

  /// Imports from any mix of archives, folders and single files.
  ///
  /// - Parameter isDone: Asked when no other process can be at it any more; nothing is imported if
  ///   it says that another did it.
  /// - Throws: `archive` for what was refused or is missing, `record` if the files are right but
  ///   cannot be decoded by the manifest's facts, `fileSystem`.
  public func importing(
    _ sources: [URL], unless isDone: () -> Bool = { false }
  ) throws(DatasetError) {
    let lock = try FileLock(folder.appending(path: "lock"))
    defer { _ = lock }
    if isDone() { return }
    let staging = folder.appending(path: "incoming")
    // Left by a process that was killed: nobody else can be here while the lock is held.
    try DurableFile.remove(staging)
    do throws(DatasetError) {
      try DurableFile.makeFolder(staging)
      var found: [String] = []
      for source in sources { found += try gather(source, into: staging, but: found) }
      let missing = manifest.files.map { $0.path }.filter { !found.contains($0) }
      guard missing.isEmpty else {
        throw DatasetError.archive(
          file: sources.map { $0.relativePath }.joined(separator: ", "),
          problem: "'\(manifest.name)' also needs \(Self.list(missing)); nothing was written")
      }
      try FileDecoder(manifest, home: staging).checkAll()
      try putInPlace(staging)
    } catch {
      try DurableFile.remove(staging)
      throw error
    }
  }

  /// Takes one source's files and returns their paths.
  private func gather(
    _ source: URL, into staging: URL, but found: [String]
  ) throws(DatasetError) -> [String] {
    let wanted = manifest.files.filter { !found.contains($0.path) }
    if DurableFile.isFolder(source) {
      return try gatherFolder(source, wanted, into: staging)
    }
    guard DurableFile.sizeBytes(source) != nil else {
      throw .archive(file: source.relativePath, problem: "there is no such file or folder")
    }
    let name = source.lastPathComponent
    if let file = manifest.files.first(where: { Self.lastPart($0.path) == name }) {
      guard wanted.contains(file) else { return [] }
      try copy(source, file, into: staging)
      return [file.path]
    }
    try refuseVariant(source)
    return try ArchiveUnpacker(files: wanted, limits: manifest.limits)
      .unpack(source, into: staging)
  }

  /// Takes files from a folder: at their path below it, or directly in it; else from the manifest's
  /// archives, else from any other archive there.
  private func gatherFolder(
    _ source: URL, _ wanted: [DatasetManifest.File], into staging: URL
  ) throws(DatasetError) -> [String] {
    var found: [String] = []
    for file in wanted {
      let places = [file.path, Self.lastPart(file.path)].map { source.appending(path: $0) }
      guard let place = places.first(where: { DurableFile.sizeBytes($0) != nil }) else { continue }
      try copy(place, file, into: staging)
      found.append(file.path)
    }
    let named = manifest.archives.map { $0.file }
    let others = DurableFile.names(in: source).filter { name in
      !named.contains(name) && Self.archiveEndings.contains { name.hasSuffix($0) }
    }
    for archive in named + others {
      let place = source.appending(path: archive)
      let rest = wanted.filter { !found.contains($0.path) }
      guard rest.contains(where: { $0.archive == archive || !named.contains(archive) }),
        DurableFile.sizeBytes(place) != nil
      else { continue }
      found += try ArchiveUnpacker(files: rest, limits: manifest.limits)
        .unpack(place, into: staging)
    }
    return found
  }

  /// Refuses a text under another name, such as one of the character level, by what it is.
  private func refuseVariant(_ source: URL) throws(DatasetError) {
    guard case .text(let facts) = manifest.content else { return }
    let head = try DurableFile.head(source, bytes: TextVariant.headBytes)
    // No archive begins with 64 KiB that are free of control characters; a text does.
    guard head.allSatisfy({ $0 >= 0x20 || (0x09...0x0D).contains($0) }) else { return }
    let found = TextVariant.found(in: head, marks: facts.marks)
    let names = manifest.files.map { Self.lastPart($0.path) }
    throw .archive(
      file: source.relativePath,
      problem: (found.map { "holds \($0), expected \(TextVariant.expected)" }
        ?? "is a text, but not named as one of \(Self.list(names))") + "; nothing was written")
  }

  private func copy(
    _ source: URL, _ file: DatasetManifest.File, into staging: URL
  ) throws(DatasetError) {
    let target = staging.appending(path: file.path)
    try DurableFile.makeFolder(target.deletingLastPathComponent())
    let output = try OutputFile(creating: target)
    var verifier = FileVerifier(file)
    func refuse() throws(DatasetError) {
      guard let problem = verifier.problem() else { return }
      throw .archive(file: source.relativePath, problem: "\(problem); nothing was written")
    }
    try DurableFile.read(source) { (piece) throws(DatasetError) in
      verifier.update(piece)
      if verifier.isTooLong { try refuse() }
      try output.write(piece)
    }
    try output.close()
    try refuse()
  }

  private func putInPlace(_ staging: URL) throws(DatasetError) {
    let old = folder.appending(path: "replaced")
    try DurableFile.remove(old)
    // The manifest lies beside its data, so that later commands find the dataset by its name.
    try DurableFile.write(
      Array(manifest.yaml.utf8), to: folder.appending(path: DatasetLibrary.rememberedManifest))
    if DurableFile.exists(home) { try DurableFile.rename(home, to: old) }
    try DurableFile.rename(staging, to: home)
    try DurableFile.remove(old)
  }

  private static func lastPart(_ path: String) -> String {
    path.split(separator: "/").last.map { String($0) } ?? path
  }

  private static func list(_ names: [String]) -> String {
    names.count <= 6
      ? names.joined(separator: ", ")
      : names.prefix(6).joined(separator: ", ") + " and \(names.count - 6) more"
  }
}
