import Foundation
import SearchCore
import StrictYAML

/// A lock is compared with another by its values: comments, quotes and ends of lines say nothing.
extension SuiteLock {
  /// What decides no result: what computes, and keys that follow from the rest.
  private static let besides: Set<String> = ["lock.code", "lock.keys"]

  /// Compares with the file that the suite was read from, if that is a lock itself.
  ///
  /// - Throws: `SuiteError` naming the first value that changed: the data differ from those that the
  ///   lock was made with, or somebody edited the suite above its lock.
  public func check(against file: URL) throws(SuiteError) {
    let name = file.relativePath
    guard let written = try Self.lockPart(of: YAMLReading(file, name).value),
      let own = try Self.lockPart(of: YAMLReading(yaml).value),
      let difference = written.difference(to: own, ignoring: Self.besides)
    else { return }
    guard difference.contains(".data") else {
      throw SuiteError(
        "\(name): the suite has been edited since this lock was written (\(difference)); take the "
          + "key 'lock' with what is below it out to run the suite as it is now")
    }
    throw SuiteError(
      "\(name): the data have changed since this lock was written (\(difference)); run the suite "
        + "it came from instead")
  }

  /// What results in a folder were begun with that decides them and is different now, in words.
  ///
  /// - Parameter file: The lock in that folder.
  func difference(from file: URL) throws(SuiteError) -> String? {
    try YAMLReading(file, file.path).value
      .difference(to: YAMLReading(yaml).value, ignoring: Self.besides)
  }

  /// What a file was made with that is different now, one line each; none if it is no lock.
  public func codeDifferences(from file: URL) throws(SuiteError) -> [String] {
    guard let lock = try Self.lockPart(of: YAMLReading(file, file.relativePath).value) else {
      return []
    }
    return try SuiteError.reading { () throws(YAMLError) in
      guard let facts = try lock.mapping()["code"], facts.isMapping else { return [] }
      let written = try facts.mapping()
      var differences: [String] = []
      for fact in code {
        guard let old = try written[fact.name]?.text(longest: 1_000), old != fact.value else {
          continue
        }
        differences.append(
          "\(fact.name) has changed: was \"\(old)\", is \"\(fact.value)\"".onOneLine)
      }
      return differences
    }
  }

  private static func lockPart(of value: YAMLValue) throws(SuiteError) -> YAMLValue? {
    try SuiteError.reading { () throws(YAMLError) in try value.mapping()["lock"] }
  }

  /// A YAML text that was read.
  private struct YAMLReading {
    let value: YAMLValue

    init(_ file: URL, _ name: String) throws(SuiteError) {
      value = try SuiteError.reading { () throws(YAMLError) in
        try YAMLText(contentsOf: file, shownAs: name).parsed()
      }
    }

    /// A lock's own text.
    init(_ yaml: String) throws(SuiteError) {
      value = try SuiteError.reading { () throws(YAMLError) in
        try YAMLText(yaml, file: "suite.lock.yaml").parsed()
      }
    }
  }
}
