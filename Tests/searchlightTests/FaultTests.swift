import Experiments
import Foundation
import Randomness
import TestSupport
import Testing

/// Disks that are full, broken or read-only: one clear line, and nothing recorded is lost.
@Suite(.serialized, .enabled(if: ProgramRun.canFault, "needs the built program and clang"))
struct FaultTests {
  private let project: ProgramRun
  private let folder: ResultsFolder
  private let worker: [String]
  private let journal: URL

  init() throws {
    project = try ProgramRun(suite: SmallSuite.training)
    folder = ResultsFolder(root: project.home.appending(path: "reports/small"))
    let run = "shapes10/regularized-evolution/0"
    worker = [
      "worker", "--suite", project.home.appending(path: "Benchmarks/suites/small.yaml").path,
      "--run", run, "--checkpoint-steps", "2",
    ]
    journal = folder.root.appending(path: "runs/\(run)/journal.jsonl")
  }

  private func canonicalEvents() throws -> [JournalEvent] {
    try Journal.read(journal).lines.map(\.event).filter(\.isCanonical)
  }

  private static let whole = Result {
    let tests = try FaultTests()
    let end = try tests.project(tests.worker)
    #expect(end.code == 0, "\(end.errors)")
    return try tests.canonicalEvents()
  }

  /// One line, `searchlight: FILE: could not … this file (REASON)`.
  private func isOneClearLine(_ text: String, _ reason: String) -> Bool {
    let lines = text.split(separator: "\n")
    return lines.count == 1 && text.hasPrefix("searchlight: \(project.home.path)")
      && text.contains(": could not ") && text.hasSuffix(" this file (\(reason))\n")
  }

  @Test(
    arguments: [
      ("always", ENOSPC, "No space left on device"), ("once", EIO, "Input/output error"),
    ],
    [3, 17, 30, 41, 57, 70, 88, 101])
  func aFailingDiskEndsTheRunInOneLineAndLosesNothing(
    fault: (mode: String, number: Int32, reason: String), call: Int
  ) throws {
    let broken = try project(
      worker,
      environment: [
        "LD_PRELOAD": ProgramRun.faults?.path ?? "", "FAULT_PATH": "/runs/", "FAULT_AT": "\(call)",
        "FAULT_MODE": fault.mode, "FAULT_ERRNO": "\(fault.number)",
      ])
    #expect(broken.code == 1 && !broken.wasKilled)
    #expect(isOneClearLine(broken.errors, fault.reason), "\(broken.errors)")
    let before = (try? canonicalEvents()) ?? []
    let end = try project(worker)
    #expect(end.code == 0, "\(end.errors)")
    let after = try canonicalEvents()
    #expect(Array(after.prefix(before.count)) == before)
    #expect(try after == Self.whole.get())
  }

  /// Its log lies on the same disk, so its process cannot say it there.
  @Test(arguments: [ENOSPC, EDQUOT, EIO])
  func aRunThatCannotWriteItsLogSaysSo(number: Int32) throws {
    let one = try ProgramRun(suite: SmallSuite.training.only("random-search"))
    let end = try one(
      ["run", "small"],
      environment: [
        "LD_PRELOAD": ProgramRun.faults?.path ?? "", "FAULT_PATH": "/runs/", "FAULT_AT": "8",
        "FAULT_MODE": "always", "FAULT_ERRNO": "\(number)",
      ])
    #expect(end.code == 1 && !end.wasKilled)
    let failure = end.output.split(separator: "\n").first { $0.contains(" failed: ") } ?? ""
    // The next process can write again: faults are counted in each.
    #expect(
      failure.hasSuffix(
        "/log.txt: its process could not write this file; free some space and run again"),
      "\(end.output)\(end.errors)")
    #expect(!end.output.contains("signal"))
    let again = try one(["run", "small"])
    #expect(again.code == 0, "\(again.errors)")
  }

  // MARK: Real file systems

  /// Mounts a file system in memory where results go; `nil` where that is not allowed.
  private static func mount(_ place: URL, options: String) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place.path]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  private static func unmount(_ place: URL) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["umount", place.path]
    guard (try? process.run()) != nil else { return }
    process.waitUntilExit()
  }

  private static let canMount: Bool = {
    let place = FileManager.default.temporaryDirectory.appending(path: "searchlight-\(UUID())")
    guard
      (try? FileManager.default.createDirectory(at: place, withIntermediateDirectories: true))
        != nil
    else { return false }
    defer { try? FileManager.default.removeItem(at: place) }
    guard mount(place, options: "size=64k") else { return false }
    unmount(place)
    return true
  }()

  @Test(.enabled(if: Self.canMount, "needs to mount a tmpfs, as root"))
  func aFullFileSystemEndsInOneLineAndLosesNothing() throws {
    let reports = project.home.appending(path: "reports")
    try FileManager.default.createDirectory(at: reports, withIntermediateDirectories: true)
    #expect(Self.mount(reports, options: "size=64k"))
    defer { Self.unmount(reports) }
    let full = try project(worker)
    #expect(full.code == 1)
    #expect(isOneClearLine(full.errors, "No space left on device"), "\(full.errors)")
    let before = try canonicalEvents()
    #expect(Self.mount(reports, options: "remount,size=16m"))
    let end = try project(worker)
    #expect(end.code == 0, "\(end.errors)")
    #expect(try Array(canonicalEvents().prefix(before.count)) == before)
    #expect(try canonicalEvents() == Self.whole.get())
  }

  /// Sizes that end in different places: a journal, its last progress, the results.
  @Test(
    .enabled(if: Self.canMount, "needs to mount a tmpfs, as root"), arguments: [8, 24, 28, 40, 64])
  func aRunOnAFullFileSystemSaysSo(kibibytes: Int) throws {
    let one = try ProgramRun(suite: SmallSuite.training.only("random-search"))
    let reports = one.home.appending(path: "reports")
    try FileManager.default.createDirectory(at: reports, withIntermediateDirectories: true)
    #expect(Self.mount(reports, options: "size=\(kibibytes)k"))
    defer { Self.unmount(reports) }
    let full = try one(["run", "small"])
    #expect(full.code == 1 && !full.wasKilled)
    let said = full.output + full.errors
    #expect(said.contains("No space left on device"), "\(said)")
    #expect(!said.contains("signal"), "\(said)")
    #expect(Self.mount(reports, options: "remount,size=16m"))
    let again = try one(["run", "small"])
    #expect(again.code == 0, "\(again.output)\(again.errors)")
  }

  @Test(.enabled(if: Self.canMount, "needs to mount a tmpfs, as root"))
  func aReadOnlyFolderIsSaidInOneLine() throws {
    let reports = project.home.appending(path: "reports")
    try FileManager.default.createDirectory(at: reports, withIntermediateDirectories: true)
    #expect(Self.mount(reports, options: "size=16m"))
    defer { Self.unmount(reports) }
    let first = try project(worker)
    #expect(first.code == 0)
    try FileManager.default.removeItem(at: journal)
    #expect(Self.mount(reports, options: "remount,ro"))
    for arguments in [worker, ["run", "small"]] {
      let end = try project(arguments)
      #expect(end.code == 1)
      #expect(isOneClearLine(end.errors, "Read-only file system"), "\(end.errors)")
    }
  }
}
