import Foundation
import Plugins
import Testing

/// What a program gets to see, and what is left of it.
@Suite struct PluginProcessTests {
  /// Starts a script and gives the line that it answers with.
  private func line(
    of script: String, environment: [String: String] = ["PATH": "/usr/bin:/bin"]
  ) throws -> String {
    let process = try PluginProcess(
      ["sh", "-c", script], shownAs: "script", deadlineSeconds: 10, environment: environment)
    defer { process.close() }
    return String(decoding: try process.exchange(Data("x".utf8), for: "test"), as: UTF8.self)
  }

  @Test func fewVariablesArePassedOn() throws {
    let seen = try line(
      of: "read x; env | sort | tr '\\n' ' '; echo",
      environment: [
        "PATH": "/usr/bin:/bin", "HOME": "/tmp", "AWS_SECRET": "s", "SSH_AUTH_SOCK": "t",
      ])
    #expect(seen.contains("PATH=") && seen.contains("HOME="))
    #expect(seen.contains("PYTHONHASHSEED=0"))
    #expect(!seen.contains("SECRET") && !seen.contains("SSH"), "\(seen)")
  }

  @Test func itWorksInAnEmptyFolderThatIsRemoved() throws {
    let seen = try line(of: "read x; touch file; ls -A | tr '\\n' ' '; pwd")
    #expect(seen.hasPrefix("file "))
    let folder = seen.dropFirst("file ".count)
    #expect(folder.contains("searchlight-plugin-"))
    #expect(!FileManager.default.fileExists(atPath: String(folder)))
  }

  @Test func itHoldsNoOtherPlugInsPipes() throws {
    let script = "read x; ls /proc/self/fd | wc -l; read x; echo"
    let first = try PluginProcess(["sh", "-c", script], shownAs: "first", deadlineSeconds: 10)
    let second = try PluginProcess(["sh", "-c", script], shownAs: "second", deadlineSeconds: 10)
    // The three, and the folder that `ls` reads.
    for process in [first, second] {
      let count = try process.exchange(Data("x".utf8), for: "test")
      #expect(String(decoding: count, as: UTF8.self).trimmingCharacters(in: .whitespaces) == "4")
    }
    #expect(first.closeInput() == 0)
    #expect(second.closeInput() == 0)
  }

  @Test func whatItLeftBehindIsKilled() throws {
    let process = try PluginProcess(
      ["sh", "-c", "read x; sleep 300 >/dev/null 2>&1 </dev/null & echo $!"], shownAs: "script",
      deadlineSeconds: 10)
    let answer = try process.exchange(Data("x".utf8), for: "test")
    let child = try #require(Int32(String(decoding: answer, as: UTF8.self)))
    process.close()
    // It is gone, or waits for the system to take it away.
    var isGone = false
    for _ in 0..<100 where !isGone {
      let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
      isGone = state.map { $0.contains(") Z ") || $0.contains(") X ") } ?? true
      if !isGone { usleep(50_000) }
    }
    #expect(isGone)
  }

  @Test func aLongRequestReachesAProgramThatReadsSlowly() throws {
    let process = try PluginProcess(
      ["sh", "-c", "sleep 0.2; head -c 900001 | wc -c"], shownAs: "script", deadlineSeconds: 20)
    let long = Data(repeating: 120, count: 900_000)
    let answer = try process.exchange(long, for: "test")
    #expect(
      String(decoding: answer, as: UTF8.self).trimmingCharacters(in: .whitespaces) == "900001")
  }
}
