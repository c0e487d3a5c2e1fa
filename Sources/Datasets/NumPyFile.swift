import Foundation

/// Arrays of bytes as NumPy keeps them: format 1.0, whose header is a Python dictionary of type, order
/// and shape (NumPy Enhancement Proposal 1).
public enum NumPyFile {
  private static let (magic, alignment) = (
    Data("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) }), 64
  )

  /// An array of unsigned bytes in C order.
  ///
  /// - Parameter shape: Lengths of the axes; their product is the number of bytes.
  public static func contents(of bytes: [UInt8], shape: [Int]) -> Data {
    let lengths = shape.map(String.init).joined(separator: ", ")
    let axes = shape.count == 1 ? "\(lengths)," : lengths
    var dictionary = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(axes)), }"
    // Magic, version, length of the header; the array begins at a multiple of 64.
    let length = magic.count + 4 + dictionary.utf8.count + 1
    dictionary += String(repeating: " ", count: (alignment - length % alignment) % alignment) + "\n"
    let count = UInt16(dictionary.utf8.count)
    return magic + Data([1, 0, UInt8(count & 0xFF), UInt8(count >> 8)]) + Data(dictionary.utf8)
      + Data(bytes)
  }
}

extension LabeledImages {
  /// Writes some of the images as a NumPy array of `count` x height x width x channels bytes.
  public func writeImages(_ indices: [Int], to file: URL) throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(indices.count * imageBytes)
    for index in indices { bytes += pixels[index * imageBytes..<(index + 1) * imageBytes] }
    try NumPyFile.contents(of: bytes, shape: [indices.count, height, width, channels])
      .write(to: file)
  }

  /// Writes the classes of some of the images as a NumPy array of bytes.
  public func writeLabels(_ indices: [Int], to file: URL) throws {
    try NumPyFile.contents(of: indices.map { labels[$0] }, shape: [indices.count]).write(to: file)
  }
}
