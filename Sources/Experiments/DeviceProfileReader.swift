import Foundation
import OperationCosts
import StrictYAML

/// Reads device profiles from YAML, as they stand in `Benchmarks/devices/`.
public enum DeviceProfileReader {
  private static let keys = [
    "device", "title", "peak-gigaflops", "peak-gigabytes-per-second", "gigaflops-per-second",
    "gigabytes-per-second", "launch-microseconds", "input-microseconds-per-example", "sources",
    "notes", "held-out",
  ]

  /// Reads a profile.
  ///
  /// - Throws: `SuiteError`, one line with file and line.
  public static func read(_ url: URL, shownAs name: String) throws(SuiteError) -> DeviceProfile {
    try SuiteError.reading { () throws(YAMLError) in
      try profile(YAMLText(contentsOf: url, shownAs: name).parsed())
    }
  }

  /// Reads a profile from a text.
  public static func read(text: String, file: String) throws(SuiteError) -> DeviceProfile {
    try SuiteError.reading { () throws(YAMLError) in
      try profile(YAMLText(text, file: file).parsed())
    }
  }

  private static func profile(_ value: YAMLValue) throws(YAMLError) -> DeviceProfile {
    let entries = try value.mapping(keys: keys)
    let rates = try entries.required("gigaflops-per-second")
      .mapping(keys: OperationClass.allCases.map(\.rawValue))
    // The peaks of the data sheet bound the sustained rates: a slip of a digit is found here.
    let peak = try entries.required("peak-gigaflops").number(in: 1...1e9)
    let peakMemory = try entries.required("peak-gigabytes-per-second")
      .number(in: 1...1e9)
    var gigaflops: [OperationClass: Double] = [:]
    for kind in OperationClass.allCases where kind != .memoryBound {
      gigaflops[kind] = try rates.required(kind.rawValue).number(in: 1e-3...peak)
    }
    if let rate = rates[OperationClass.memoryBound.rawValue] {
      gigaflops[.memoryBound] = try rate.number(in: 1e-3...peak)
    }
    var sources: [String] = []
    for source in try entries.required("sources").list(counts: 1...50) {
      sources.append(try source.text(longest: 500))
    }
    if let notes = entries["notes"] {
      for note in try notes.list(counts: 1...50) { sources.append(try note.text(longest: 500)) }
    }
    var heldOut: [DeviceProfile.HeldOutCost] = []
    if let list = entries["held-out"] {
      for item in try list.list(counts: 1...50) { heldOut.append(try cost(item)) }
    }
    return DeviceProfile(
      name: try entries.required("device").identifier(),
      title: try entries.required("title").text(),
      gigaflopsPerSecond: gigaflops,
      gigabytesPerSecond: try entries.required("gigabytes-per-second")
        .number(in: 1e-3...peakMemory),
      launchMicroseconds: try entries.required("launch-microseconds")
        .number(in: 0...1e6),
      inputMicrosecondsPerExample: try entries.required("input-microseconds-per-example")
        .number(in: 0...1e6),
      sources: sources, heldOut: heldOut)
  }

  private static func cost(_ value: YAMLValue) throws(YAMLError) -> DeviceProfile.HeldOutCost {
    let entries = try value.mapping(keys: ["cost", "published", "modelled"])
    return DeviceProfile.HeldOutCost(
      cost: try entries.required("cost").text(longest: 500),
      published: try entries.required("published").number(in: 1e-9...1e9),
      modelled: try entries.required("modelled").number(in: 1e-9...1e9))
  }
}
