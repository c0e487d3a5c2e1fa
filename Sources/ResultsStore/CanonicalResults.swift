import Experiments
import Foundation

/// The results without clocks, machine and wasted work: the same bytes for the same suite.
///
/// JSON with sorted keys: the suite first, then one run a line.
public struct CanonicalResults {
  /// The text, in UTF-8.
  public let data: Data

  /// SHA-256 of the text, in hexadecimal.
  public var checksum: String { RecordFile.checksum(of: data) }

  /// Strips results of all that is not canonical.
  public init(_ results: SuiteResults) throws {
    var header = results
    header.environment = []
    header.referenceDeviceError = nil
    header.canonicalChecksum = ""
    for index in header.studies.indices { header.studies[index].runs = [] }
    let runs = Parallel.map(results.studies.flatMap(\.runs)) { run in
      Result { try Self.encoded(run) }
    }
    var data = Data(#"{"runs":["#.utf8)
    var separator = "\n"
    for run in runs {
      data.append(Data(separator.utf8))
      data.append(try run.get())
      separator = ",\n"
    }
    data.append(Data("\n],\n\"suite\":".utf8))
    data.append(try Self.encoder.encode(header))
    data.append(Data("}\n".utf8))
    self.data = data
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  private static func encoded(_ run: RunResults) throws -> Data {
    var run = run
    run.wallClockSeconds = nil
    run.cpuSeconds = nil
    run.measured = nil
    run.charges[.wasted] = nil
    return try encoder.encode(run)
  }

  /// Writes the text and waits until it is on disk.
  public func write(to url: URL) throws { try RecordFile.write(data, to: url) }
}
