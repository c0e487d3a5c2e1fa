import Foundation
import Testing
import searchlight

/// What a run shows on terminals of many kinds and widths.
@Suite(.serialized, .enabled(if: ProgramRun.isThere, "needs the built program"))
struct TerminalTests {
  private let project: ProgramRun

  init() throws {
    project = try ProgramRun(suite: SmallSuite.training.only("regularized-evolution"))
  }

  private func run(
    columns: Int, rows: Int = 24, variables: [String: String] = [:],
    watch: (PseudoTerminal) -> Void = { _ in }
  ) throws -> String {
    let terminal = try #require(PseudoTerminal(columns: columns, rows: rows))
    var environment = ProcessInfo.processInfo.environment
    environment["SEARCHLIGHT_HOME"] = project.home.path
    environment["TERM"] = "xterm-256color"
    environment.merge(variables) { $1 }
    let code = try terminal.run(
      ProgramRun.program, ["run", "small", "--fresh"], environment, watch: watch)
    #expect(code == 0, "\(terminal.printed)")
    return terminal.printed
  }

  private static func isHeader(_ line: String) -> Bool { line.hasPrefix("run ") }

  /// A line that wraps would leave the header behind at each drawing.
  @Test(arguments: [20, 40, 79, 80, 95, 200])
  func theTableIsDrawnInPlace(columns: Int) throws {
    let text = try run(columns: columns)
    #expect(text.split(separator: "\u{1B}[J").count > 2, "it was drawn once")
    let screen = Screen(columns: columns, text)
    #expect(screen.unknownCodes == [])
    #expect(screen.lines.count { Self.isHeader($0) } == 1, "\(screen.lines)")
    // The table's summary, perhaps cut, and the last line of all.
    #expect(screen.lines.joined().contains("small: 1 of 1 runs done, 0 failed; report: "))
  }

  @Test(arguments: [2, 3, 4])
  func aLowWindowIsNotLeft(rows: Int) throws {
    let screen = Screen(columns: 80, try run(columns: 80, rows: rows))
    #expect(screen.unknownCodes == [])
    #expect(screen.lines.count { Self.isHeader($0) } <= 1, "\(screen.lines)")
  }

  /// A window that becomes narrower keeps what stood in it, and the table goes on below.
  @Test(arguments: [(120, 50), (50, 120)])
  func aWindowMayBeResized(before: Int, after: Int) throws {
    var hasResized = false
    let text = try run(columns: before) { terminal in
      guard !hasResized, terminal.printed.contains("\u{1B}[J") else { return }
      hasResized = true
      terminal.resize(columns: after, rows: 24)
    }
    #expect(hasResized)
    let screen = Screen(columns: max(before, after), text)
    #expect(screen.lines.count { Self.isHeader($0) } <= (after < before ? 2 : 1), "\(screen.lines)")
    let last = text.split(separator: "\u{1B}[J").dropLast().last ?? ""
    for line in last.split(separator: "\u{1B}[2K") where after < before {
      #expect(line.prefix { $0 != "\r\n" }.count <= after)
    }
  }

  @Test(arguments: ["dumb", "unknown", ""])
  func aTerminalThatCannotDrawGetsPlainLines(kind: String) throws {
    let text = try run(columns: 80, variables: ["TERM": kind])
    #expect(!text.contains("\u{1B}"))
    #expect(text.contains("shapes10/regularized-evolution/0 finished"))
  }

  /// Nothing is said by colour, whatever a terminal can do.
  @Test(arguments: [[:], ["NO_COLOR": "1"], ["CLICOLOR_FORCE": "1"]])
  func noColoursAreUsed(variables: [String: String]) throws {
    #expect(!(try run(columns: 80, variables: variables)).contains(/\u{1B}\[[0-9;]*m/))
  }

  @Test(arguments: [
    ("short", 80, "short"), ("0123456789", 10, "0123456789"), ("0123456789a", 10, "01234567…"),
    ("神经网络架构", 12, "神经网络架构"), ("神经网络架构", 11, "神经网络…"), ("abc", 2, "…"), ("", 0, ""),
  ])
  func linesAreCutToTheWidth(line: String, columns: Int, cut: String) {
    #expect(Terminal.cut(line, to: columns) == cut)
  }
}
