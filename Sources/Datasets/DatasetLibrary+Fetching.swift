import Foundation

extension DatasetLibrary {
  /// Downloads a dataset's archives and imports them.
  ///
  /// Finished archives are removed once their files are in place; a partial one stays for the next
  /// call.
  ///
  /// - Throws: `download` if an archive cannot be had, or if the manifest gives no address; what an
  ///   import throws.
  public func fetching(
    _ manifest: DatasetManifest, with fetcher: Fetcher = Fetcher(),
    progress: (Fetcher.Progress) -> Void
  ) async throws(DatasetError) {
    guard manifest.isFetchable else {
      throw .absent(
        name: manifest.name,
        advice: "run `searchlight data import \(manifest.typed) PATH...` with its files")
    }
    let wasAbsent = state(of: manifest) != .present
    let folder = cache.appending(path: manifest.name).appending(path: "downloads")
    // Beside the folder, which goes when its archives are unpacked.
    let lock = try FileLock(cache.appending(path: manifest.name).appending(path: "downloads.lock"))
    defer { _ = lock }
    // Another process fetched it while this one waited.
    if wasAbsent, state(of: manifest) == .present { return }
    try DurableFile.makeFolder(folder)
    var archives: [URL] = []
    for archive in manifest.archives {
      let place = folder.appending(path: archive.file)
      if DurableFile.sizeBytes(place) == archive.sizeBytes {
        // Fetched whole by a call that was stopped before it could unpack.
        archives.append(place)
        continue
      }
      archives.append(
        try await fetcher.fetch(
          archive, from: manifest.locations(of: archive), dataset: manifest.name,
          typed: manifest.typed, into: folder, progress: progress))
    }
    do throws(DatasetError) {
      try importing(manifest, from: archives)
    } catch {
      // A full disk is not the archives' fault; anything else is, and the next call begins anew.
      if case .fileSystem = error { throw error }
      for archive in archives { try DurableFile.remove(archive) }
      throw error
    }
    try DurableFile.remove(folder)
  }
}
