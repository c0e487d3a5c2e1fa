import Datasets
import Foundation
import Testing

/// NumPy 2.3 itself wrote the headers that are expected.
@Suite struct NumPyFileTests {
  private static func header(_ dictionary: String) -> Data {
    Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, 0x76, 0])
      + Data(dictionary.padding(toLength: 117, withPad: " ", startingAt: 0).utf8) + Data([10])
  }

  @Test func oneAxis() {
    #expect(
      NumPyFile.contents(of: [3, 1], shape: [2])
        == Self.header("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }") + Data([3, 1]))
  }

  @Test func images() {
    let bytes = (0..<24).map { UInt8($0) }
    #expect(
      NumPyFile.contents(of: bytes, shape: [1, 2, 3, 4])
        == Self.header("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3, 4), }")
        + Data(bytes))
  }

  @Test func someOfTheImages() throws {
    let images = LabeledImages(
      height: 1, width: 2, channels: 1, classCount: 9, pixels: [1, 2, 3, 4, 5, 6],
      labels: [7, 8, 0])
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "a.npy")
    try images.writeImages([2, 0], to: file)
    #expect(try Data(contentsOf: file).suffix(4) == Data([5, 6, 1, 2]))
    try images.writeLabels([2, 0], to: file)
    #expect(try Data(contentsOf: file).suffix(2) == Data([0, 7]))
  }
}
