import Experiments
import Foundation
import OperationCosts
import Randomness
import SearchCore
import TestSupport
import Testing

/// Journals and checkpoints that are spoilt or made up: never a crash, never a wrong number.
@Suite struct HostileRecordsTests {
  private static let journalURL = URL(filePath: "/run/journal.jsonl")

  /// The journal of a whole run.
  private static let journal = Result {
    let folder = TemporaryFolder()
    _ = try RunFixture(suite: .fake(), folder: folder.url).execute(FakeEvaluator())
    return try Data(contentsOf: folder.url.appending(path: "journal.jsonl"))
  }

  /// A checkpoint's record, as JSON.
  private static func recordText(tensors: String = "") -> String {
    #"{"run":"one/fake-method/0","work":"trial 1","journalLines":3,"canonicalLines":2,"#
      + "\"journalHash\":\"\(String(repeating: "a", count: 64))\",\(tensors)"
      + #""charges":{"charges":{"search":{"flops":10,"bytes":1,"referenceNanoseconds":2,"#
      + #""trainingExamples":3}}},"measured":{"search":{"wallNanoseconds":5,"cpuNanoseconds":4}},"#
      + #""state":"{\"updates\":3}"}"#
  }

  // MARK: Spoilt at 1,000 places

  @Test func aJournalSpoiltAnywhereGivesOnlyWhatStandsBefore() throws {
    let whole = try Self.journal.get()
    let lines = try Journal.read(whole, from: Self.journalURL).lines
    var generator = RandomKey(seed: 1).generator()
    var refusals = 0
    for round in 0..<1_000 {
      var data = whole
      let place = generator.integer(below: whole.count)
      if round % 4 == 0 {
        data = whole.prefix(place)
      } else {
        data[place] ^= UInt8(1 << generator.integer(below: 8))
      }
      do {
        let found = try Journal.read(data, from: Self.journalURL).lines
        #expect(found == Array(lines.prefix(found.count)))
        // Only a torn end is dropped in silence.
        #expect(round % 4 == 0 || found.count == lines.count - 1)
      } catch {
        refusals += 1
        #expect(error.description.hasPrefix("/run/journal.jsonl:"))
        #expect(
          error.description.hasSuffix(
            "; nothing from here on is trusted; move the run's folder away and run again"))
      }
    }
    #expect(refusals > 700)
  }

  @Test func aCheckpointSpoiltAnywhereIsRefused() throws {
    let folder = TemporaryFolder()
    let url = folder.url.appending(path: "checkpoint.json")
    let tensors = Data((0..<500).map { UInt8(truncatingIfNeeded: $0 * 7) })
    let place = folder.url.appending(path: "checkpoint-1.safetensors")
    let text = Data(
      Self.checkpoint(
        Self.recordText(
          tensors: "\"tensors\":{\"name\":\"checkpoint-1.safetensors\",\"sha256\":\""
            + RecordFile.checksum(of: tensors) + "\"},")
      ).utf8)
    try RecordFile.write(tensors, to: place, durable: false)
    try RecordFile.write(text, to: url, durable: false)
    let record = try #require(try Checkpoint.read(url)?.record)
    #expect(record.work == "trial 1" && record.charges.total.flops == 10)
    var generator = RandomKey(seed: 2).generator()
    for round in 0..<1_000 {
      let (target, whole) = round % 2 == 0 ? (url, text) : (place, tensors)
      var data = whole
      let byte = generator.integer(below: whole.count)
      if round % 8 < 2 { data = whole.prefix(byte) } else { data[byte] ^= 1 << (byte % 8) }
      try data.write(to: target)
      let error = #expect(throws: SuiteError.self) { try Checkpoint.read(url) }
      #expect(error?.description.hasPrefix(target.path + ": ") == true)
      try whole.write(to: target)
    }
    #expect(try Checkpoint.read(url)?.record == record)
  }

  // MARK: Made up, with checksums that are right

  /// A journal with the given lines, chained as it must be.
  private static func chained(_ bodies: [String]) -> Data {
    var data = Data()
    var hash = String(repeating: "0", count: 64)
    for body in bodies {
      hash = RecordFile.checksum(of: Data((hash + body).utf8))
      data += Data("{\"hash\":\"\(hash)\",\"line\":\(body)}\n".utf8)
    }
    return data
  }

  private static func body(sequence: String = "0", clock: String? = nil, event: String) -> String {
    let clock = clock ?? #"{"activeSeconds":0,"cpuSeconds":0,"unixSeconds":0}"#
    return "{\"clock\":\(clock),\"event\":\(event),\"sequence\":\(sequence)}"
  }

  private static let failed = #"{"kind":"failed","message":"boom"}"#

  @Test func aChainedLineIsRead() throws {
    let lines = try Journal.read(
      Self.chained([Self.body(event: Self.failed)]), from: Self.journalURL
    ).lines
    // Written by an earlier program, which gave no status.
    guard case .failed(let failure)? = lines.first?.event else {
      Issue.record("no failure was read")
      return
    }
    #expect(failure.message == "boom" && failure.status == nil)
  }

  @Test(arguments: [
    (body(sequence: "1", event: failed), "has number 1"),
    (body(sequence: "1e99", event: failed), "cannot be read"),
    (body(clock: "{}", event: failed), "cannot be read"),
    (
      body(clock: #"{"activeSeconds":1e999,"cpuSeconds":0,"unixSeconds":0}"#, event: failed),
      "cannot be read"
    ),
    (body(event: #"{"kind":"praised"}"#), "cannot be read"),
    (body(event: "[]"), "cannot be read"),
    (
      body(
        event: #"{"kind":"interrupted","cause":"x","lost":{"charges":{"wasted":{"flops":-5}}}}"#),
      "cannot be read"
    ),
    (
      body(
        event: #"{"kind":"interrupted","cause":"x","lost":{"charges":{"wasted":{"flops":0,"#
          + #""bytes":"9999999999999999999999999999999","referenceNanoseconds":0,"#
          + #""trainingExamples":0}}}}"#), "cannot be read"
    ),
    (String(repeating: "[", count: 100_000), "cannot be read"),
    ("\u{0}", "cannot be read"),
  ])
  func aLineThatIsNoEventIsRefused(body: String, problem: String) {
    #expect(
      throws: SuiteError(
        "/run/journal.jsonl:1: line \(problem); nothing from here on is trusted; move the run's "
          + "folder away and run again")
    ) { try Journal.read(Self.chained([body]), from: Self.journalURL) }
  }

  @Test(arguments: [
    ("x\n", "is not a journal line"), ("{}\n", "is not a journal line"),
    (
      "{\"hash\":\"\(String(repeating: "0", count: 64))\",\"line\":1}\n",
      "does not match its checksum"
    ),
    ("\n", "is not a journal line"),
  ])
  func whatIsNoLineIsRefused(text: String, problem: String) {
    #expect(
      throws: SuiteError(
        "/run/journal.jsonl:1: line \(problem); nothing from here on is trusted; move the run's "
          + "folder away and run again")
    ) { try Journal.read(Data(text.utf8), from: Self.journalURL) }
  }

  private static func checkpoint(format: String = "1", _ body: String) -> String {
    let digest = RecordFile.checksum(of: Data(body.utf8))
    return "{\"format\":\(format),\"sha256\":\"\(digest)\",\"checkpoint\":\(body)}\n"
  }

  @Test(arguments: [
    ("", "is not a checkpoint; expected '{\"format\":…'"),
    ("{}", "is not a checkpoint; expected '{\"format\":…'"),
    ("{\"format\":x", "is not a checkpoint; expected '{\"format\":…'"),
    ("{\"format\":1}", "is not a checkpoint; expected '{\"format\":…'"),
    (checkpoint(format: "0", "{}"), "has checkpoint format 0; this program reads format 1"),
    (checkpoint(format: "2", "{}"), "has checkpoint format 2; this program reads format 1"),
    (
      checkpoint(format: "999999999", "{}"),
      "has checkpoint format 999999999; this program reads format 1"
    ),
    (checkpoint("{}"), "cannot be read; expected a checkpoint's JSON"),
    (checkpoint("[1,2]"), "cannot be read; expected a checkpoint's JSON"),
    (String(checkpoint("{}").dropLast()), "is cut off"),
    (checkpoint("{}").replacing("{}}", with: "{ }}"), "does not match its checksum"),
  ])
  func whatIsNoCheckpointIsRefused(text: String, problem: String) {
    #expect(throws: SuiteError(problem)) { try Checkpoint.decoded(Data(text.utf8)) }
  }

  // MARK: Mutated for a while

  @Test func mutatedJournalsNeverCrash() throws {
    let whole = try Self.journal.get()
    let bodies = whole.split(separator: UInt8(ascii: "\n")).map { line in
      Array(line.dropFirst(8 + 64 + 10).dropLast())
    }
    let count = Mutator.fuzz([Array(whole)], key: RandomKey(seed: 3)) { bytes in
      _ = try Journal.read(Data(bytes), from: Self.journalURL)
    }
    // The same behind checksums that are right.
    let more = Mutator.fuzz(bodies, key: RandomKey(seed: 4)) { bytes in
      _ = try Journal.read(
        Self.chained([String(decoding: bytes, as: UTF8.self)]), from: Self.journalURL)
    }
    #expect(count > 20 && more > 20)
  }

  @Test func mutatedCheckpointsNeverCrash() throws {
    let body = Array(Self.recordText().utf8)
    let whole = Array(Self.checkpoint(Self.recordText()).utf8)
    #expect(throws: Never.self) { try Checkpoint.decoded(Data(whole)) }
    let count = Mutator.fuzz([whole], key: RandomKey(seed: 5)) { bytes in
      _ = try Checkpoint.decoded(Data(bytes))
    }
    let more = Mutator.fuzz([body], key: RandomKey(seed: 6)) { bytes in
      let text = Self.checkpoint(String(decoding: bytes, as: UTF8.self))
      _ = try Checkpoint.decoded(Data(text.utf8))
    }
    #expect(count > 20 && more > 20)
  }

  @Test func mutatedSuitesNeverCrash() throws {
    let folder = SharedFolder.repository.appending(path: "Benchmarks/suites")
    var seeds = [Array(SuiteReaderTests.good.utf8)]
    seeds.append(Array(SuiteLock(suite: .fake(), dataChecksums: ["one": ["a": "b"]]).file.utf8))
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
      seeds.append(Array(try Data(contentsOf: folder.appending(path: name))))
    }
    let reader = SuiteReader(workbench: FakeWorkbench())
    let count = Mutator.fuzz(seeds, key: RandomKey(seed: 7)) { bytes in
      _ = try reader.read(text: String(decoding: bytes, as: UTF8.self), file: "suite.yaml")
    }
    #expect(count > 20)
  }
}
