import Experiments
import Foundation
import Synchronization
import Testing

/// A run's lease: one owner, whoever comes at whatever moment.
@Suite struct RunLeaseTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "lease-\(UUID())")
  private var file: URL { folder.appending(path: "lease.json") }

  private func owner(host: String, process: Int32, ageSeconds: Double = 0) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let text = "{\"host\":\"\(host)\",\"process\":\(process),\"token\":\"other\"}"
    try Data(text.utf8).write(to: file)
    let then = Date(timeIntervalSinceNow: -ageSeconds)
    try FileManager.default.setAttributes([.modificationDate: then], ofItemAtPath: file.path)
  }

  private func take(wait: Double = 0) throws -> RunLease {
    try RunLease(of: folder, waitSeconds: wait, onLoss: {})
  }

  @Test func aSecondOwnerIsRefusedUntilTheFirstEnds() throws {
    let first = try take()
    let name = ProcessInfo.processInfo.hostName
    let number = ProcessInfo.processInfo.processIdentifier
    #expect {
      _ = try take()
    } throws: {
      "\($0)".contains("process \(number) on \(name) works on this run; wait for it")
    }
    first.end()
    try take().end()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }

  @Test func anotherMachinesLeaseHoldsWhileItIsTouched() throws {
    try owner(host: "node-7", process: 12, ageSeconds: RunLease.staleSeconds - 60)
    #expect {
      _ = try take()
    } throws: {
      "\($0)".contains("process 12 on node-7")
    }
    // A journal that is opened without a lease respects it too.
    #expect {
      _ = try Journal(opening: folder.appending(path: "journal.jsonl"))
    } throws: {
      "\($0)".contains("process 12 on node-7 works on this run")
    }
  }

  @Test func aStaleLeaseIsTakenOver() throws {
    try owner(host: "node-7", process: 12, ageSeconds: RunLease.staleSeconds + 60)
    try take().end()
  }

  @Test func theLeaseOfADeadProcessIsTakenOverAtOnce() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/true")
    try process.run()
    process.waitUntilExit()
    try owner(host: ProcessInfo.processInfo.hostName, process: process.processIdentifier)
    try take().end()
  }

  @Test func whoeverWaitsGetsItWhenItEnds() throws {
    let first = try take()
    let thread = Thread {
      usleep(300_000)
      first.end()
    }
    thread.start()
    try take(wait: 20).end()
  }

  // Sixteen at once over a stale lease: one at a time has it.
  @Test func onlyOneTakesAStaleLeaseOver() throws {
    try owner(host: "node-7", process: 12, ageSeconds: RunLease.staleSeconds + 60)
    let taken = Mutex<[RunLease]>([])
    let ended = DispatchSemaphore(value: 0)
    for _ in 0..<16 {
      let folder = folder
      Thread {
        if let lease = try? RunLease(of: folder, onLoss: {}) { taken.withLock { $0.append(lease) } }
        ended.signal()
      }.start()
    }
    for _ in 0..<16 { ended.wait() }
    let leases = taken.withLock { $0 }
    #expect(leases.count == 1)
    leases.first?.end()
  }
}
