import Foundation

/// Reads a dataset's verified files with the decoder that its manifest names.
struct FileDecoder {
  private let manifest: DatasetManifest
  private let home: URL

  /// - Parameter home: Folder of the files.
  init(_ manifest: DatasetManifest, home: URL) {
    self.manifest = manifest
    self.home = home
  }

  /// Reads everything once, so that an import is known to be usable.
  func checkAll() throws(DatasetError) {
    switch manifest.content {
    case .images(let facts):
      for file in manifest.files {
        try CIFARBinaryDecoder(facts).check(try read(file).bytes, file: file.path)
      }
    case .table:
      _ = try table()
    case .scores:
      _ = try scores()
    case .text:
      let text = try text()
      _ = try text.openTest(reason: "check of the files")
    }
  }

  /// Decodes the training images, with the test split behind its gate.
  func images() throws(DatasetError) -> ImageDataset {
    guard case .images(let facts) = manifest.content else { throw wrongKind(.cifarBinary) }
    let decoder = CIFARBinaryDecoder(facts)
    let training = try read(.training)
    return ImageDataset(
      name: manifest.name, version: manifest.version, classes: facts.classes,
      training: try decoder.decode(training.files), validationCount: facts.validationCount,
      testCount: manifest.files(of: .test).count * facts.recordsPerFile,
      checksums: training.checksums + declaredTestChecksums
    ) { () throws(DatasetError) in try decoder.decode(try read(.test).files) }
  }

  /// Decodes the recorded table.
  func table() throws(DatasetError) -> RecordedTable {
    guard case .table(let facts) = manifest.content else { throw wrongKind(.recordedTable) }
    let sources = try read(
      facts.sources.compactMap { source in manifest.files.first { $0.path == source.file } })
    return try RecordedTableDecoder(facts).decode(
      name: manifest.name, files: sources.files, checksums: sources.checksums)
  }

  /// Decodes the recorded scores.
  func scores() throws(DatasetError) -> RecordedScores {
    guard case .scores(let facts) = manifest.content else { throw wrongKind(.recordedScores) }
    let sources = try read(manifest.files)
    return try RecordedScores(
      name: manifest.name, facts: facts, files: sources.files, checksums: sources.checksums)
  }

  /// Decodes the training and validation text, with the test split behind its gate.
  func text() throws(DatasetError) -> TextDataset {
    guard case .text(let facts) = manifest.content else { throw wrongKind(.wordText) }
    let decoder = WordTextDecoder(facts)
    let training = try read(.training)
    let validation = try read(.validation)
    let vocabulary = try decoder.vocabulary(training.files)
    return TextDataset(
      name: manifest.name, version: manifest.version, words: vocabulary.words,
      training: try decoder.decode(training.files, .training, vocabulary),
      validation: try decoder.decode(validation.files, .validation, vocabulary),
      testCount: facts.testTokens,
      checksums: training.checksums + validation.checksums + declaredTestChecksums
    ) { () throws(DatasetError) in
      try decoder.decode(try read(.test).files, .test, vocabulary)
    }
  }

  /// The manifest's checksum of each test file, which is not read before the test split is opened.
  private var declaredTestChecksums: [FileChecksum] {
    manifest.files(of: .test).compactMap { file in
      file.checksums.first.map { FileChecksum(path: file.path, checksum: $0) }
    }
  }

  private func wrongKind(_ expected: DatasetManifest.Decoder) -> DatasetError {
    .wrongKind(
      name: manifest.name, found: manifest.decoder.rawValue, expected: expected.rawValue)
  }

  private func read(_ split: DatasetManifest.Split) throws(DatasetError) -> (
    files: [(name: String, bytes: [UInt8])], checksums: [FileChecksum]
  ) {
    try read(manifest.files(of: split))
  }

  private func read(_ wanted: [DatasetManifest.File]) throws(DatasetError) -> (
    files: [(name: String, bytes: [UInt8])], checksums: [FileChecksum]
  ) {
    var files: [(name: String, bytes: [UInt8])] = []
    var checksums: [FileChecksum] = []
    for file in wanted {
      let content = try read(file)
      files.append((file.path, content.bytes))
      checksums.append(content.checksum)
    }
    return (files, checksums)
  }

  /// Reads a file whole and verifies it.
  private func read(
    _ file: DatasetManifest.File
  ) throws(DatasetError) -> (bytes: [UInt8], checksum: FileChecksum) {
    let place = home.appending(path: file.path)
    guard let found = DurableFile.sizeBytes(place) else { throw damaged(file, "is missing") }
    guard found == file.sizeBytes else {
      throw damaged(file, "has \(found) bytes, expected \(file.sizeBytes)")
    }
    let bytes = try DurableFile.contents(place, limitBytes: file.sizeBytes)
    var verifier = FileVerifier(file)
    bytes.withUnsafeBytes { verifier.update($0) }
    if let problem = verifier.problem() { throw damaged(file, problem) }
    guard let checksum = verifier.checksum else { throw damaged(file, "has no checksum") }
    return (bytes, checksum)
  }

  private func damaged(_ file: DatasetManifest.File, _ problem: String) -> DatasetError {
    .damaged(
      name: manifest.name, file: file.path, problem: problem, advice: manifest.advice)
  }
}
