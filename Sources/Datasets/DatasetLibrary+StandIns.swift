/// What a dataset would hold, for plans: what a training costs depends on numbers and sizes alone.
extension DatasetLibrary {
  /// Whether no file of a dataset is here and none comes with the program.
  public func isAbsent(_ name: String) throws(DatasetError) -> Bool {
    try absence(of: name) != nil
  }

  /// What `images` and the others would throw for a dataset that is absent; `nil` for one that is here.
  public func absence(of name: String) throws(DatasetError) -> DatasetError? {
    let manifest = try manifest(name)
    guard state(of: manifest) == .absent, manifest.embeddedArchives == nil else { return nil }
    return absent(manifest)
  }

  /// Opens a dataset of images, or where it is absent, made-up images in its number and sizes.
  ///
  /// - Throws: As `images` does, but not `absent`.
  public func imagesOrStandIns(_ name: String) throws(DatasetError) -> ImageDataset {
    let manifest = try manifest(name)
    guard try isAbsent(name), case .images(let facts) = manifest.content else {
      return try images(name)
    }
    let count = manifest.files(of: .training).count * facts.recordsPerFile
    // Not all the same, for pixels without a deviation cannot be normalised.
    let pixels = (0..<count * facts.height * facts.width * facts.channels).map {
      UInt8(truncatingIfNeeded: $0 &* 167)
    }
    let absent = absent(manifest)
    return ImageDataset(
      name: manifest.name, version: manifest.version, classes: facts.classes,
      training: LabeledImages(
        height: facts.height, width: facts.width, channels: facts.channels,
        classCount: facts.classes.count, pixels: pixels,
        labels: Array(repeating: 0, count: count)),
      validationCount: facts.validationCount,
      testCount: manifest.files(of: .test).count * facts.recordsPerFile, checksums: []
    ) { () throws(DatasetError) in throw absent }
  }

  /// Opens a text, or where it is absent, a made-up one of its length and vocabulary.
  ///
  /// - Throws: As `text` does, but not `absent`.
  public func textOrStandIn(_ name: String) throws(DatasetError) -> TextDataset {
    let manifest = try manifest(name)
    guard try isAbsent(name), case .text(let facts) = manifest.content else {
      return try text(name)
    }
    func tokens(_ count: Int) -> [Int32] { (0..<count).map { Int32($0 % facts.vocabulary) } }
    let absent = absent(manifest)
    return TextDataset(
      name: manifest.name, version: manifest.version,
      words: (0..<facts.vocabulary).map { "word \($0)" }, training: tokens(facts.trainingTokens),
      validation: tokens(facts.validationTokens), testCount: facts.testTokens, checksums: []
    ) { () throws(DatasetError) in throw absent }
  }
}
