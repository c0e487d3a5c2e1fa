import Foundation

/// The part of an archive that has arrived so far, in a file that outlives the process.
struct PartialDownload {
  let archive: DatasetManifest.Archive
  let file: URL

  /// Bytes that are there.
  var existingBytes: Int { DurableFile.sizeBytes(file) ?? 0 }

  /// The state, with what went wrong.
  func progress(message: String?) -> Fetcher.Progress {
    Fetcher.Progress(
      file: archive.file, doneBytes: existingBytes, totalBytes: archive.sizeBytes,
      message: message)
  }

  /// Opens the file to go on after its last byte.
  func writer() throws(DatasetError) -> Writer { try Writer(self) }

  /// Appends bytes, keeps their checksums up to date, and knows which answers of a server fit.
  struct Writer {
    private let download: PartialDownload
    private let output: OutputFile
    private var stream: ChecksumStream
    /// Whether all bytes came in this attempt; a wrong checksum may else be an old part's fault.
    private var isFresh: Bool

    fileprivate init(_ download: PartialDownload) throws(DatasetError) {
      self.download = download
      // A part that is longer than the whole is of no use.
      if download.existingBytes > download.archive.sizeBytes {
        try DurableFile.remove(download.file)
      }
      var hash = Self.emptyStream(download)
      if download.existingBytes > 0 { try DurableFile.read(download.file) { hash.update($0) } }
      stream = hash
      output = try OutputFile(appendingTo: download.file)
      isFresh = output.sizeBytes == 0
    }

    /// Bytes that are there.
    var sizeBytes: Int { output.sizeBytes }

    /// Bytes of the whole.
    var totalBytes: Int { download.archive.sizeBytes }

    /// Whether no byte is missing.
    var isComplete: Bool { sizeBytes == totalBytes }

    var progress: Fetcher.Progress {
      Fetcher.Progress(
        file: download.archive.file, doneBytes: sizeBytes, totalBytes: totalBytes, message: nil)
    }

    /// Begins again with no bytes.
    mutating func restart() throws(DatasetError) {
      try output.truncate()
      stream = Self.emptyStream(download)
      isFresh = true
    }

    /// Judges a server's status and headers before its bytes are taken.
    mutating func accept(status: Int, headers: [String: String]) throws {
      switch status {
      case 200:
        // The server sends all of it, asked for the rest or not.
        try restart()
        if let length = headers["content-length"].flatMap({ Int($0) }), length != totalBytes,
          !Self.isWebPage(headers)
        {
          throw Fetcher.Failure(
            problem: "offers \(length) bytes, expected \(totalBytes)", isTransient: false)
        }
      case 206:
        let expected = "bytes \(sizeBytes)-\(totalBytes - 1)/\(totalBytes)"
        let found = headers["content-range"] ?? "none"
        guard found == expected else {
          try restart()
          throw Fetcher.Failure(
            problem: "sent Content-Range '\(found)', expected '\(expected)'", isTransient: true)
        }
      case 416:
        try restart()
        throw Fetcher.Failure(problem: "cannot go on after the part here", isTransient: true)
      default:
        let isTransient = status == 408 || status == 429 || status >= 500
        throw Fetcher.Failure(
          problem: "answered with status \(status)", isTransient: isTransient)
      }
      if Self.isWebPage(headers) { throw webPage() }
    }

    /// Appends bytes; returns why not if they cannot be the archive's.
    mutating func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) -> Fetcher.Failure? {
      if sizeBytes == 0, WebPage.isStart(ArraySlice(bytes.prefix(256))) { return webPage() }
      guard sizeBytes + bytes.count <= totalBytes else {
        try restart()
        return Fetcher.Failure(
          problem: "sends more than the \(totalBytes) bytes expected", isTransient: false)
      }
      try output.write(bytes)
      stream.update(bytes)
      return nil
    }

    /// Verifies the whole and syncs it.
    mutating func finish() throws {
      guard isComplete else {
        let found = sizeBytes
        try restart()
        throw Fetcher.Failure(
          problem: "has \(found) bytes, expected \(totalBytes)", isTransient: false)
      }
      if let mismatch = stream.mismatch(with: download.archive.checksums) {
        let wasFresh = isFresh
        try restart()
        throw Fetcher.Failure(
          problem: "has \(mismatch.found.algorithm.rawValue) \(mismatch.found.value), expected "
            + mismatch.expected.value, isTransient: !wasFresh)
      }
      try output.close()
    }

    /// Syncs the part, so that a later attempt can go on.
    func suspend() throws(DatasetError) {
      try output.close()
      if sizeBytes == 0 { try DurableFile.remove(download.file) }
    }

    private func webPage() -> Fetcher.Failure {
      Fetcher.Failure(problem: "sent a web page (HTML), not an archive", isTransient: false)
    }

    private static func isWebPage(_ headers: [String: String]) -> Bool {
      headers["content-type"]?.lowercased().hasPrefix("text/html") ?? false
    }

    private static func emptyStream(_ download: PartialDownload) -> ChecksumStream {
      ChecksumStream(
        download.archive.checksums.map { $0.algorithm }, sizeBytes: download.archive.sizeBytes)
    }
  }
}
