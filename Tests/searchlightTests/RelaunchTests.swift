import Foundation
import TestSupport
import Testing
import searchlight

@Suite struct RelaunchTests {
  @Test func anotherKernelIsSetOnce() {
    let changed = Relaunch.environment(
      from: ["OPENBLAS_CORETYPE": "Haswell", "HOME": "/home"], kernel: "SkylakeX")
    #expect(
      changed
        == [
          "OPENBLAS_CORETYPE": "SkylakeX", "HOME": "/home", "SEARCHLIGHT_RELAUNCHED": "1",
        ])
    let again = ["OPENBLAS_CORETYPE": "Haswell", "SEARCHLIGHT_RELAUNCHED": "1"]
    #expect(Relaunch.environment(from: again, kernel: "SkylakeX") == nil)
  }

  @Test(arguments: [("SkylakeX", "SkylakeX"), ("skylakex", "SkylakeX"), ("Haswell", nil)])
  func theRightKernelStays(exported: String, wanted: String?) {
    #expect(Relaunch.environment(from: ["OPENBLAS_CORETYPE": exported], kernel: wanted) == nil)
  }

  /// The program that this build made, where there is one.
  static let program = SharedFolder.repository.appending(path: ".build/release/searchlight")

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: program.path)))
  func benchRunsTheBestKernelWhateverIsExported() throws {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = ["bench", "products", "--rounds", "1", "--threads", "2"]
    var environment = ProcessInfo.processInfo.environment
    environment["OPENBLAS_CORETYPE"] = "Nehalem"
    environment["SEARCHLIGHT_RELAUNCHED"] = nil
    process.environment = environment
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(said.hasPrefix("OPENBLAS_CORETYPE=Nehalem is exported; OpenBLAS runs "))
    #expect(said.split(separator: "\n").count == 1)
    #expect(!lines.contains("Nehalem"))
  }
}
