import ArgumentParser
import Charts
import Foundation
import Performance
import SearchCore

/// `searchlight bench compare`: the ratio table of timing lines.
struct BenchCompare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare timing lines of ours with the peer's.",
    discussion: """
      The file holds one JSON line a timing, ours and the peer's, as Benchmarks/compare-peers
      writes them; the n-th of ours is paired with the peer's n-th of the same workload.

      Example:
        searchlight bench compare timings.jsonl --out comparison.json --draw ratios.png
      """)

  @Argument(help: "Timing lines.")
  var lines: String

  @Option(help: "Write the comparison as JSON.")
  var out: String?

  @Option(help: "Draw the ratios into this .pdf, .svg or .png.")
  var draw: String?

  func validate() throws { _ = try draw.map(ChartFile.init) }

  func run() throws {
    let comparison = try PeerComparison(readLines())
    if let out {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try GivenFile(out).write(encoder.encode(comparison))
    }
    if let draw { try ChartFile(draw).write(chart(comparison)) }
    // Last, for nobody may read what is printed to its end.
    for line in table(comparison) { Output.line(line) }
  }

  private func readLines() throws -> [BenchLine] {
    let file = URL(fileURLWithPath: lines)
    guard let text = try? EditedText(contentsOf: file, limitBytes: 1 << 26) else {
      throw ValidationError("cannot read \(lines); expected a file of timing lines")
    }
    return try text.lines.enumerated().filter { !$0.element.isEmpty }.map { index, line in
      do {
        return try JSONDecoder().decode(BenchLine.self, from: Data(line.utf8))
      } catch {
        throw ValidationError(
          "\(lines), line \(index + 1): not a timing; expected what `bench` prints")
      }
    }
  }

  private func table(_ comparison: PeerComparison) -> [String] {
    let header = [
      "workload", "threads", "batch", "ours ms", "peer ms", "peer / ours", "range", "of peak",
    ]
    return TableText.aligned(
      [header]
        + comparison.rows.map { row in
          [
            row.workload, String(row.threads), String(row.batch), NumberText.plain(row.ours, 1),
            NumberText.plain(row.peer, 1), NumberText.plain(row.ratio, 2),
            "\(NumberText.plain(row.leastRatio, 2)) to \(NumberText.plain(row.largestRatio, 2))",
            row.percentOfPeak.map { "\(NumberText.plain($0, 0)) %" } ?? "unknown",
          ]
        })
  }

  private func chart(_ comparison: PeerComparison) -> RatioChart {
    RatioChart(
      title: "Step time of PyTorch divided by ours",
      horizontalLabel: "times as fast as PyTorch",
      rows: comparison.rows.map {
        RatioChart.Row(
          name: "\($0.workload), \($0.threads) " + ($0.threads == 1 ? "thread" : "threads"),
          ratio: $0.ratio, range: $0.leastRatio...$0.largestRatio)
      }, notes: ["Both sides ran in turn on one machine with the same threads and batch."])
  }
}

/// A file that a chart is drawn into; its name's ending says the format.
struct ChartFile {
  let path: String
  let format: Canvas.Format

  init(_ path: String) throws {
    let ending = (path as NSString).pathExtension
    guard let format = Canvas.Format(rawValue: ending) else {
      throw ValidationError(
        "cannot draw into '\(path)'; a name ending in .pdf, .svg or .png expected")
    }
    self.path = path
    self.format = format
  }

  /// Draws a chart.
  ///
  /// - Parameter width: In points.
  func write(_ chart: any Chart, width: Double = 500) throws {
    try GivenFile(path).write(Data(try chart.rendered(as: format, width: width)))
  }
}
