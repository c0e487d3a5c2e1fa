import TestSupport

/// Journals, and the JSON part of checkpoints; most have checksums that are right.
extension BadInput {
  private static func journal(_ bytes: [UInt8], _ problem: String) -> BadInput {
    BadInput(
      .journal, bytes,
      ":1: line \(problem); nothing from here on is trusted; move the run's folder away and run "
        + "again")
  }

  private static func journal(_ text: String, _ problem: String) -> BadInput {
    journal(Array(text.utf8), problem)
  }

  /// An event that a line of the right form holds.
  private static func event(_ event: String, _ problem: String) -> BadInput {
    journal(TestRecords.journal([TestRecords.line(event: event)]), problem)
  }

  private static let failed = #"{"kind":"failed","message":"boom"}"#

  static let journals: [BadInput] = [
    journal("x\n", "is not a journal line"),
    journal("\n", "is not a journal line"),
    journal("{}\n", "is not a journal line"),
    journal(
      "{\"hash\":\"\(String(repeating: "0", count: 64))\",\"line\":1}\n",
      "does not match its checksum"),
    journal(
      TestRecords.journal([TestRecords.line(sequence: "1", event: failed)]), "has number 1"),
    journal(
      TestRecords.journal([TestRecords.line(sequence: "1e99", event: failed)]), "cannot be read"),
    journal(
      TestRecords.journal([TestRecords.line(clock: "{}", event: failed)]), "cannot be read"),
    journal(
      TestRecords.journal([
        TestRecords.line(
          clock: #"{"activeSeconds":1e999,"cpuSeconds":0,"unixSeconds":0}"#, event: failed)
      ]), "cannot be read"),
    journal(
      TestRecords.journal([String(repeating: "[", count: 100_000)]), "cannot be read"),
    journal(TestRecords.journal(["\u{0}"]), "cannot be read"),
    event(#"{"kind":"praised"}"#, "cannot be read"),
    event("[]", "cannot be read"),
    event(
      #"{"kind":"interrupted","cause":"x","lost":{"charges":{"wasted":{"flops":-5}}}}"#,
      "cannot be read"),
    event(
      #"{"kind":"interrupted","cause":"x","lost":{"charges":{"wasted":{"flops":0,"#
        + #""bytes":"9999999999999999999999999999999","referenceNanoseconds":0,"#
        + #""trainingExamples":0}}}}"#, "cannot be read"),
  ]

  private static func checkpoint(_ text: String, _ message: String) -> BadInput {
    BadInput(.checkpoint, text, message)
  }

  static let checkpoints: [BadInput] = [
    checkpoint("", "is not a checkpoint; expected '{\"format\":…'"),
    checkpoint("{}", "is not a checkpoint; expected '{\"format\":…'"),
    checkpoint("{\"format\":x", "is not a checkpoint; expected '{\"format\":…'"),
    checkpoint("{\"format\":1}", "is not a checkpoint; expected '{\"format\":…'"),
    checkpoint(
      TestRecords.checkpoint(format: "0", "{}"),
      "has checkpoint format 0; this program reads format 1"),
    checkpoint(
      TestRecords.checkpoint(format: "2", "{}"),
      "has checkpoint format 2; this program reads format 1"),
    checkpoint(
      TestRecords.checkpoint(format: "999999999", "{}"),
      "has checkpoint format 999999999; this program reads format 1"),
    checkpoint(TestRecords.checkpoint("{}"), "cannot be read; expected a checkpoint's JSON"),
    checkpoint(TestRecords.checkpoint("[1,2]"), "cannot be read; expected a checkpoint's JSON"),
    checkpoint(String(TestRecords.checkpoint("{}").dropLast()), "is cut off"),
    checkpoint(
      TestRecords.checkpoint("{}").replacing("{}}", with: "{ }}"), "does not match its checksum"),
  ]
}
