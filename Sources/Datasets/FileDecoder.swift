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
    }
  }

  /// Decodes the training images, with the test split behind its gate.
  func images() throws(DatasetError) -> ImageDataset {
    guard case .images(let facts) = manifest.content else {
      throw .wrongKind(
        name: manifest.name, found: manifest.decoder.rawValue,
        expected: DatasetManifest.Decoder.cifarBinary.rawValue)
    }
    let training = try decode(.training, facts)
    let testFiles = manifest.files(of: .test)
    let declared = testFiles.compactMap { file in
      file.checksums.first.map { FileChecksum(path: file.path, checksum: $0) }
    }
    return ImageDataset(
      name: manifest.name, version: manifest.version, classes: facts.classes,
      training: training.images, validationCount: facts.validationCount,
      testCount: testFiles.count * facts.recordsPerFile,
      checksums: training.checksums + declared
    ) { () throws(DatasetError) in try decode(.test, facts).images }
  }

  /// Decodes the recorded table.
  func table() throws(DatasetError) -> RecordedTable {
    guard case .table(let facts) = manifest.content else {
      throw .wrongKind(
        name: manifest.name, found: manifest.decoder.rawValue,
        expected: DatasetManifest.Decoder.recordedTable.rawValue)
    }
    var files: [(name: String, bytes: [UInt8])] = []
    var checksums: [FileChecksum] = []
    for source in facts.sources {
      guard let file = manifest.files.first(where: { $0.path == source.file }) else { continue }
      let content = try read(file)
      files.append((file.path, content.bytes))
      checksums.append(content.checksum)
    }
    return try RecordedTableDecoder(facts).decode(
      name: manifest.name, files: files, checksums: checksums)
  }

  private func decode(
    _ split: DatasetManifest.Split, _ facts: DatasetManifest.Images
  ) throws(DatasetError) -> (images: LabeledImages, checksums: [FileChecksum]) {
    var files: [(name: String, bytes: [UInt8])] = []
    var checksums: [FileChecksum] = []
    for file in manifest.files(of: split) {
      let content = try read(file)
      files.append((file.path, content.bytes))
      checksums.append(content.checksum)
    }
    return (try CIFARBinaryDecoder(facts).decode(files), checksums)
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
      name: manifest.name, file: file.path, problem: problem, fetchable: manifest.isFetchable)
  }
}
