import Crypto

extension [UInt8] {
  /// SHA-256 in hexadecimal.
  public var sha256: String {
    SHA256.hash(data: self).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}

/// Records of runs whose checksums are right, whatever they say.
public enum TestRecords {
  /// A journal with the given lines, chained as it must be.
  public static func journal(_ bodies: [String]) -> [UInt8] {
    var journal = ""
    var hash = String(repeating: "0", count: 64)
    for body in bodies {
      hash = Array((hash + body).utf8).sha256
      journal += "{\"hash\":\"\(hash)\",\"line\":\(body)}\n"
    }
    return Array(journal.utf8)
  }

  /// The line of an event.
  public static func line(
    sequence: String = "0", clock: String = #"{"activeSeconds":0,"cpuSeconds":0,"unixSeconds":0}"#,
    event: String
  ) -> String {
    "{\"clock\":\(clock),\"event\":\(event),\"sequence\":\(sequence)}"
  }

  /// A checkpoint's record around the given JSON.
  public static func checkpoint(format: String = "1", _ body: String) -> String {
    "{\"format\":\(format),\"sha256\":\"\(Array(body.utf8).sha256)\",\"checkpoint\":\(body)}\n"
  }
}
