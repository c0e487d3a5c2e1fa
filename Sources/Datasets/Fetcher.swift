import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Downloads an archive: resuming, retrying, going to the next address, and verifying as it goes.
public struct Fetcher: Sendable {
  /// How far a download is.
  public struct Progress: Hashable, Sendable {
    /// Name of the archive.
    public let file: String
    public let doneBytes: Int
    public let totalBytes: Int
    /// What went wrong just now and what is done about it; `nil` if nothing.
    public let message: String?
  }

  /// How an attempt failed, and whether another at the same address may do better.
  struct Failure: Error {
    let problem: String
    let isTransient: Bool
  }

  /// Redirects that are followed for one request.
  static let redirectLimit = 8

  /// Waits before each further attempt at one address; their number bounds the attempts.
  private let delays: [Duration]
  private let timeoutSeconds: Double

  /// Prepares a fetcher.
  ///
  /// - Parameters:
  ///   - delays: Waits between attempts at one address. An attempt that got at least a MiB further
  ///     starts the list again.
  ///   - timeoutSeconds: Longest silence of a server.
  public init(
    delays: [Duration] = [.seconds(1), .seconds(4), .seconds(15)], timeoutSeconds: Double = 60
  ) {
    self.delays = delays
    self.timeoutSeconds = timeoutSeconds
  }

  /// Downloads an archive into a folder.
  ///
  /// Bytes go to `<file>.partial`, which stays when the download is cut and is continued by the next
  /// call; once size and checksums are right it is synced and renamed.
  ///
  /// - Parameters:
  ///   - archive: What to get.
  ///   - addresses: Where from, best first.
  ///   - name: Name of the dataset, for messages.
  ///   - typed: What stands for the dataset in a command; its name by default.
  ///   - folder: Where to; it exists.
  ///   - progress: Called as bytes arrive, and when something went wrong.
  /// - Returns: The archive's place.
  /// - Throws: `download` with what went wrong at each address; `fileSystem`.
  public func fetch(
    _ archive: DatasetManifest.Archive, from addresses: [URL], dataset name: String,
    typed: String? = nil, into folder: URL, progress: (Progress) -> Void
  ) async throws(DatasetError) -> URL {
    let target = folder.appending(path: archive.file)
    let download = PartialDownload(
      archive: archive, file: target.appendingPathExtension("partial"))
    var problems: [String] = []
    for address in addresses {
      let problem = try await attempts(download, address, progress)
      guard let problem else {
        try DurableFile.rename(download.file, to: target)
        return target
      }
      problems.append("\(address.absoluteString): \(problem)")
      if problems.count < addresses.count {
        progress(download.progress(message: "\(problem); going to the next address"))
      }
    }
    let list = problems.isEmpty ? "it has no address" : problems.joined(separator: "; ")
    throw .download(
      name: name, typed: typed ?? name, file: archive.file, problem: list)
  }

  /// Tries one address until it works or it is pointless, and returns the last problem.
  private func attempts(
    _ download: PartialDownload, _ address: URL, _ progress: (Progress) -> Void
  ) async throws(DatasetError) -> String? {
    var failures = 0
    while true {
      let before = download.existingBytes
      let failure = try await attempt(download, address, progress)
      guard let failure else { return nil }
      if download.existingBytes >= before + (1 << 20) { failures = 0 }
      guard failure.isTransient, failures < delays.count, !Task.isCancelled else {
        return failure.problem
      }
      let delay = delays[failures]
      failures += 1
      progress(
        download.progress(
          message: "\(failure.problem); trying again in \(delay.components.seconds) s"))
      do { try await Task.sleep(for: delay) } catch { return "stopped" }
    }
  }

  /// Tries one address once.
  private func attempt(
    _ download: PartialDownload, _ address: URL, _ progress: (Progress) -> Void
  ) async throws(DatasetError) -> Failure? {
    var writer = try download.writer()
    do {
      if address.isFileURL {
        try copy(address, &writer, progress)
      } else {
        try await transfer(address, &writer, progress)
      }
      try writer.finish()
      return nil
    } catch let failure as Failure {
      try writer.suspend()
      return failure
    } catch let error as DatasetError {
      throw error
    } catch {
      return Failure(problem: "\(error)", isTransient: false)
    }
  }

  private func copy(
    _ address: URL, _ writer: inout PartialDownload.Writer, _ progress: (Progress) -> Void
  ) throws {
    try writer.restart()
    guard DurableFile.sizeBytes(address) != nil else {
      throw Failure(problem: "there is no such file", isTransient: false)
    }
    var pieces = writer
    var failure: Failure?
    try DurableFile.read(address) { (bytes) throws(DatasetError) in
      guard failure == nil else { return }
      failure = try pieces.append(bytes)
      progress(pieces.progress)
    }
    writer = pieces
    if let failure { throw failure }
  }

  /// Asks for the bytes that are missing, following redirects.
  private func transfer(
    _ address: URL, _ writer: inout PartialDownload.Writer, _ progress: (Progress) -> Void
  ) async throws {
    if writer.isComplete { return }
    var url = address
    for _ in 0...Self.redirectLimit {
      var request = URLRequest(url: url)
      // Packed on the way, the bytes would be others than the manifest's, and a range of them void.
      request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
      if writer.sizeBytes > 0 {
        request.setValue("bytes=\(writer.sizeBytes)-", forHTTPHeaderField: "Range")
      }
      guard let next = try await receive(request, &writer, progress) else { return }
      url = next
    }
    throw Failure(
      problem: "more than \(Self.redirectLimit) redirects, the last to \(url.absoluteString)",
      isTransient: false)
  }

  /// Takes one answer; returns where it redirects to, if it does.
  private func receive(
    _ request: URLRequest, _ writer: inout PartialDownload.Writer, _ progress: (Progress) -> Void
  ) async throws -> URL? {
    var location: String?
    for await event in HTTPStream.open(request, timeoutSeconds: timeoutSeconds) {
      switch event {
      case .response(let status, let headers):
        location = (300...399).contains(status) ? headers["location"] : nil
        if location == nil { try writer.accept(status: status, headers: headers) }
      case .data(let data):
        // What a redirect says besides its address is of no use.
        guard location == nil else { continue }
        if let failure = try data.withUnsafeBytes({ try writer.append($0) }) { throw failure }
        progress(writer.progress)
      case .end(let problem):
        if let problem { throw Failure(problem: problem, isTransient: true) }
      }
    }
    if let location { return try Self.redirected(request, to: location) }
    guard writer.isComplete else {
      throw Failure(
        problem: "the connection ended after \(writer.sizeBytes) of "
          + "\(writer.totalBytes) bytes", isTransient: true)
    }
    return nil
  }
  private static func redirected(_ request: URLRequest, to location: String) throws -> URL {
    guard let next = URL(string: location, relativeTo: request.url)?.absoluteURL,
      ["http", "https"].contains(next.scheme ?? "")
    else {
      throw Failure(problem: "redirects to '\(location)'", isTransient: false)
    }
    return next
  }
}
