/// Reads CIFAR-10's binary version: records of one label byte, then one plane of pixels for each
/// channel, row by row.
///
/// Source: Krizhevsky, Learning Multiple Layers of Features from Tiny Images (2009), and the
/// description on the dataset's page.
public struct CIFARBinaryDecoder: Sendable {
  private let facts: DatasetManifest.Images

  public init(_ facts: DatasetManifest.Images) { self.facts = facts }

  /// Compares the number of records and every label with what is expected.
  ///
  /// - Throws: `record` with file, record, found and expected.
  public func check(_ bytes: [UInt8], file: String) throws(DatasetError) {
    let size = facts.recordBytes
    guard bytes.count == facts.recordsPerFile * size else {
      let rest = bytes.count % size
      throw .record(
        file: file, record: nil,
        found: "\(bytes.count / size) records" + (rest == 0 ? "" : " and \(rest) bytes"),
        expected: "\(facts.recordsPerFile) records of \(size) bytes")
    }
    for record in 0..<facts.recordsPerFile where bytes[record * size] >= facts.classes.count {
      throw .record(
        file: file, record: record + 1, found: "label \(bytes[record * size])",
        expected: "from 0 to \(facts.classes.count - 1)")
    }
  }

  /// Reads files, one after the other, as one set of images.
  ///
  /// - Parameter files: Bytes of each file with its name for messages.
  /// - Throws: `record` if a file has another number of records or a label is out of range.
  public func decode(_ files: [(name: String, bytes: [UInt8])]) throws(DatasetError)
    -> LabeledImages
  {
    for file in files { try check(file.bytes, file: file.name) }
    let plane = facts.height * facts.width
    let channels = facts.channels
    let count = files.count * facts.recordsPerFile
    var labels: [UInt8] = []
    labels.reserveCapacity(count)
    for file in files {
      for record in 0..<facts.recordsPerFile {
        labels.append(file.bytes[record * facts.recordBytes])
      }
    }
    let pixels = [UInt8](unsafeUninitializedCapacity: count * plane * channels) { output, size in
      var next = 0
      for file in files {
        file.bytes.withUnsafeBufferPointer { bytes in
          for record in 0..<facts.recordsPerFile {
            let start = record * facts.recordBytes + 1
            for pixel in 0..<plane {
              for channel in 0..<channels {
                output[next] = bytes[start + channel * plane + pixel]
                next += 1
              }
            }
          }
        }
      }
      size = next
    }
    return LabeledImages(
      height: facts.height, width: facts.width, channels: channels,
      classCount: facts.classes.count, pixels: pixels, labels: labels)
  }
}
