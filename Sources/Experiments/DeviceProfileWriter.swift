import OperationCosts

/// Writes device profiles as the YAML that `DeviceProfileReader` reads.
public enum DeviceProfileWriter {
  /// The text of a profile's file.
  ///
  /// - Parameters:
  ///   - peakGigaflops: Most that the device can do, at least every sustained rate.
  ///   - peakGigabytesPerSecond: The same for its memory.
  ///   - notes: Remarks, a sentence each.
  public static func text(
    _ profile: DeviceProfile, peakGigaflops: Double, peakGigabytesPerSecond: Double,
    notes: [String]
  ) -> String {
    var lines = [
      "device: \(profile.name)", "title: \(profile.title)",
      "peak-gigaflops: \(number(peakGigaflops))",
      "peak-gigabytes-per-second: \(number(peakGigabytesPerSecond))", "gigaflops-per-second:",
    ]
    for kind in OperationClass.allCases {
      guard let rate = profile.gigaflopsPerSecond[kind] else { continue }
      lines.append("  \(kind.rawValue): \(number(rate))")
    }
    lines += [
      "gigabytes-per-second: \(number(profile.gigabytesPerSecond))",
      "launch-microseconds: \(number(profile.launchMicroseconds))",
      "input-microseconds-per-example: \(number(profile.inputMicrosecondsPerExample))", "sources:",
    ]
    lines += profile.sources.map { "  - \"\($0)\"" }
    lines.append("notes:")
    lines += notes.map { "  - \"\($0)\"" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Three decimals are more than any measured rate deserves.
  private static func number(_ value: Double) -> String {
    "\((value * 1000).rounded() / 1000)"
  }
}
