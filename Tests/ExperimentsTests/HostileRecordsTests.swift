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
      TestRecords.checkpoint(
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

  private func chained(_ bodies: [String]) -> Data { Data(TestRecords.journal(bodies)) }

  // What is made up and refused stands in `Tests/searchlightTests/BadInputs`.
  @Test func aChainedLineIsRead() throws {
    let failed = #"{"kind":"failed","message":"boom"}"#
    let lines = try Journal.read(
      chained([TestRecords.line(event: failed)]), from: Self.journalURL
    ).lines
    // Written by an earlier program, which gave no status.
    guard case .failed(let failure)? = lines.first?.event else {
      Issue.record("no failure was read")
      return
    }
    #expect(failure.message == "boom" && failure.status == nil)
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
        chained([String(decoding: bytes, as: UTF8.self)]), from: Self.journalURL)
    }
    #expect(count > 20 && more > 20)
  }

  @Test func mutatedCheckpointsNeverCrash() throws {
    let body = Array(Self.recordText().utf8)
    let whole = Array(TestRecords.checkpoint(Self.recordText()).utf8)
    #expect(throws: Never.self) { try Checkpoint.decoded(Data(whole)) }
    let count = Mutator.fuzz([whole], key: RandomKey(seed: 5)) { bytes in
      _ = try Checkpoint.decoded(Data(bytes))
    }
    let more = Mutator.fuzz([body], key: RandomKey(seed: 6)) { bytes in
      let text = TestRecords.checkpoint(String(decoding: bytes, as: UTF8.self))
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
