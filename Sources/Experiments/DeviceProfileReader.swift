import Foundation
import OperationCosts

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
    try profile(YAMLValue.read(url, shownAs: name))
  }

  /// Reads a profile from a text.
  public static func read(text: String, file: String) throws(SuiteError) -> DeviceProfile {
    try profile(YAMLValue.parse(text, file: file))
  }

  private static func profile(_ value: YAMLValue) throws(SuiteError) -> DeviceProfile {
    let entries = try value.mapping(keys: keys)
    let classes = try value.required("gigaflops-per-second", in: entries)
    let rates = try classes.mapping(keys: OperationClass.allCases.map(\.rawValue))
    // The peaks of the data sheet bound the sustained rates: a slip of a digit is found here.
    let peak = try value.required("peak-gigaflops", in: entries).number(in: 1...1e9)
    let peakMemory = try value.required("peak-gigabytes-per-second", in: entries)
      .number(in: 1...1e9)
    var gigaflops: [OperationClass: Double] = [:]
    for kind in OperationClass.allCases where kind != .memoryBound {
      gigaflops[kind] = try classes.required(kind.rawValue, in: rates).number(in: 1e-3...peak)
    }
    if let rate = rates[OperationClass.memoryBound.rawValue] {
      gigaflops[.memoryBound] = try rate.number(in: 1e-3...peak)
    }
    var sources: [String] = []
    for source in try value.required("sources", in: entries).list(counts: 1...50) {
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
      name: try value.required("device", in: entries).identifier(),
      title: try value.required("title", in: entries).text(),
      gigaflopsPerSecond: gigaflops,
      gigabytesPerSecond: try value.required("gigabytes-per-second", in: entries)
        .number(in: 1e-3...peakMemory),
      launchMicroseconds: try value.required("launch-microseconds", in: entries)
        .number(in: 0...1e6),
      inputMicrosecondsPerExample: try value.required("input-microseconds-per-example", in: entries)
        .number(in: 0...1e6),
      sources: sources, heldOut: heldOut)
  }

  private static func cost(_ value: YAMLValue) throws(SuiteError) -> DeviceProfile.HeldOutCost {
    let entries = try value.mapping(keys: ["cost", "published", "modelled"])
    return DeviceProfile.HeldOutCost(
      cost: try value.required("cost", in: entries).text(longest: 500),
      published: try value.required("published", in: entries).number(in: 1e-9...1e9),
      modelled: try value.required("modelled", in: entries).number(in: 1e-9...1e9))
  }
}
