import Datasets
import Foundation
import Testing

@Suite struct ChecksumTests {
  /// `printf hello | git hash-object --stdin`, `sha256sum` and `md5sum`.
  @Test(arguments: [
    (Checksum.Algorithm.gitBlobSHA1, "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"),
    (.sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"),
    (.md5, "5d41402abc4b2a76b9719d911017c592"),
  ])
  func digestOfHello(_ algorithm: Checksum.Algorithm, _ value: String) {
    var stream = ChecksumStream([algorithm], sizeBytes: 5)
    stream.update(Data("hel".utf8))
    stream.update(Data("lo".utf8))
    #expect(stream.checksums() == [Checksum(algorithm: algorithm, value: value)])
  }
}
