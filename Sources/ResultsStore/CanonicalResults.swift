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
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var header = results
    header.environment = []
    header.referenceDeviceError = nil
    header.canonicalChecksum = ""
    for index in header.studies.indices { header.studies[index].runs = [] }
    var data = Data(#"{"runs":["#.utf8)
    var separator = "\n"
    for study in results.studies {
      for var run in study.runs {
        run.wallClockSeconds = nil
        run.cpuSeconds = nil
        run.measured = nil
        run.charges[.wasted] = nil
        data.append(Data(separator.utf8))
        data.append(try encoder.encode(run))
        separator = ",\n"
      }
    }
    data.append(Data("\n],\n\"suite\":".utf8))
    data.append(try encoder.encode(header))
    data.append(Data("}\n".utf8))
    self.data = data
  }

  /// Writes the text and waits until it is on disk.
  public func write(to url: URL) throws { try RecordFile.write(data, to: url) }
}
