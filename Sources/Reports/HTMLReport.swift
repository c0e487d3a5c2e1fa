import Charts
import Foundation
import SearchCore

/// The report as one file for a browser: the content of the PDF, with charts as inline SVG, tables
/// that can be sorted, and links from each figure to its records.
///
/// Nothing is loaded from elsewhere. Readable on a phone and in the dark.
struct HTMLReport {
  private let document: ReportDocument
  private let studies: [ReportDocument.Study]

  init(_ document: ReportDocument, _ studies: [ReportDocument.Study]) {
    (self.document, self.studies) = (document, studies)
  }

  /// The whole file.
  func text() throws(ChartError) -> String {
    var numbers = (table: 0, figure: 0)
    var body = try opening()
    for study in studies { body += try section(of: study, &numbers) }
    body += provenance(&numbers.table)
    let title = "searchlight report: \(document.results.suite)"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(Self.escaped(title))</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      \(body)<script>
      \(Self.script)
      </script>
      </body>
      </html>

      """
  }

  // MARK: Parts

  private func opening() throws(ChartError) -> String {
    let results = document.results
    var text = "<header>\n<p class=\"quiet\">searchlight report</p>\n"
    text += "<h1>\(Self.escaped(results.suite))</h1>\n"
    text += Self.paragraph(results.summary)
    let error = results.modelledHoursError.map { " Hours modelled for this device: \($0)." } ?? ""
    text += Self.paragraph(
      "\(results.computation)\(error)",
      class: "quiet")
    text += "</header>\n<main>\n<section id=\"answer\">\n"
    for study in studies {
      let name = study.results.name
      text += "<h2><a href=\"#study-\(Self.anchor(name))\">\(Self.escaped(name))</a>: "
      text += Self.escaped(study.findings.headline) + "</h2>\n"
      text += Self.paragraph(study.findings.sentences.joined(separator: " "))
      text += Self.paragraph(ReportDocument.comparison(in: study.results), class: "quiet")
    }
    for (index, main) in ReportDocument.mainFigures(of: studies).enumerated() {
      let caption =
        "\(main.study.results.name): \(main.figure.chart.title). \(main.figure.explanation)"
      text += "<figure>\n" + (try Self.svg(main.figure.chart, prefix: "m\(index)"))
      text += "<figcaption>\(Self.escaped(caption))</figcaption>\n</figure>\n"
    }
    return text + Self.table(ReportDocument.overview(of: studies), label: "") + "</section>\n"
  }

  private func section(
    of study: ReportDocument.Study, _ numbers: inout (table: Int, figure: Int)
  ) throws(ChartError) -> String {
    let name = study.results.name
    var text = "<section id=\"study-\(Self.anchor(name))\">\n<h2>Study \(Self.escaped(name))</h2>\n"
    if !study.results.protocolFacts.isEmpty {
      let facts = study.results.protocolFacts.map { "\($0.name): \($0.value)" }
      text += Self.paragraph(
        "Protocol and scale, equal for all methods. \(facts.joined(separator: "; ")).",
        class: "quiet")
    }
    for table in study.tables.all {
      numbers.table += 1
      text += Self.table(table, label: "Table \(numbers.table). ")
    }
    for figure in study.figures + study.cells {
      numbers.figure += 1
      text += try self.figure(figure, number: numbers.figure)
    }
    return text + "</section>\n"
  }

  private func figure(_ figure: Figure, number: Int) throws(ChartError) -> String {
    let id = "\(document.results.suite)/\(figure.name)"
    let place = Self.escaped(figure.name)
    var links = ["<a href=\"charts/\(place).svg\">SVG</a>"]
    links += (figure.runs ?? []).map {
      "<a href=\"runs/\(Self.escaped($0))/journal.jsonl\">records of \(Self.escaped($0))</a>"
    }
    if figure.runs == nil { links.append("<a href=\"results.csv\">results of every run</a>") }
    let caption = "Figure \(number). \(figure.chart.title). \(figure.explanation)"
    return "<figure id=\"\(place)\">\n" + (try Self.svg(figure.chart, prefix: "f\(number)"))
      + "<figcaption>\(Self.escaped(caption)) <span class=\"quiet\">"
      + "<code>searchlight explain \(Self.escaped(id))</code> · "
      + links.joined(separator: " · ") + "</span></figcaption>\n</figure>\n"
  }

  private func provenance(_ number: inout Int) -> String {
    number += 1
    return "<section id=\"provenance\">\n<h2>Provenance</h2>\n"
      + Self.paragraph(
        "Every figure comes from the recorded runs of one suite: type the command under it for the "
          + "records, seeds and settings behind it.")
      + "<p>The suite as it was run is <a href=\"suite.lock.yaml\">suite.lock.yaml</a>, beside this "
      + "file; running it reproduces these results.</p>\n"
      + Self.table(document.provenance, label: "Table \(number). ") + "</section>\n</main>\n"
  }

  // MARK: Elements

  private static func paragraph(_ text: String, class name: String? = nil) -> String {
    "<p\(name.map { " class=\"\($0)\"" } ?? "")>\(escaped(text))</p>\n"
  }

  private static func table(_ table: ReportTable, label: String) -> String {
    func kind(_ index: Int) -> String { table.columns[index].isNumber ? " class=\"number\"" : "" }
    var text = "<div class=\"wide\"><table>\n<caption>\(escaped(label + table.caption))</caption>\n"
    text += "<thead><tr>"
    for (index, column) in table.columns.enumerated() {
      text +=
        "<th scope=\"col\"\(kind(index))><button type=\"button\">"
        + "\(escaped(column.title))</button></th>"
    }
    text += "</tr></thead>\n<tbody>\n"
    for row in table.rows {
      let cells = row.enumerated().map { "<td\(kind($0))>\(escaped($1))</td>" }
      text += "<tr>\(cells.joined())</tr>\n"
    }
    return text + "</tbody>\n</table></div>\n"
  }

  /// A chart to stand within a page, its ids told apart from those of the others.
  private static func svg(_ chart: any Chart, prefix: String) throws(ChartError) -> String {
    let drawn = String(decoding: try chart.rendered(as: .svg), as: UTF8.self)
    guard let start = drawn.range(of: "<svg") else { return "" }
    let own = drawn[start.lowerBound...]
      .replacing(" id=\"", with: " id=\"\(prefix)-")
      .replacing("href=\"#", with: "href=\"#\(prefix)-")
      .replacing("url(#", with: "url(#\(prefix)-")
    // What a reader hears who does not see it.
    let label = "<svg role=\"img\" aria-label=\"\(escaped(chart.title))\""
    return "<div class=\"wide\">" + label + own.dropFirst("<svg".count) + "</div>\n"
  }

  private static func anchor(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
  }

  /// A text in which nothing is markup.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension HTMLReport {
  fileprivate static let style = """
    :root { color-scheme: light dark; --ink: #1a1a1a; --quiet: #5e5e5e; --paper: #fff;
      --rule: #dadada; --link: #0072b2 }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e6e6e6; --quiet: #a8a8a8; --paper: #161616; --rule: #3c3c3c; --link: #56b4e9 }
      svg { filter: invert(0.91) hue-rotate(180deg) }
    }
    body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
      max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere }
    h1 { margin: 0 } h2 { margin-top: 2rem; font-size: 1.25rem; line-height: 1.3 }
    a { color: var(--link) } .quiet { color: var(--quiet); font-size: 0.875rem }
    .wide { overflow-x: auto }
    svg { display: block; width: 100%; height: auto; min-width: 26rem }
    figure { margin: 1.5rem 0 } figcaption, caption { font-size: 0.875rem; text-align: left }
    caption { padding-bottom: 0.4rem }
    table { border-collapse: collapse; margin: 1.5rem 0; font-size: 0.875rem;
      font-variant-numeric: tabular-nums; border-top: 2px solid var(--ink);
      border-bottom: 2px solid var(--ink) }
    caption { caption-side: top }
    th, td { padding: 0.25rem 0.7rem; text-align: left; vertical-align: top }
    .number { text-align: right; white-space: nowrap }
    thead { border-bottom: 1px solid var(--ink) } tbody tr + tr { border-top: 1px solid var(--rule) }
    th button { font: inherit; font-weight: bold; color: inherit; background: none; border: 0;
      padding: 0; cursor: pointer; text-align: inherit }
    th[aria-sort=ascending] button::after { content: " ▲" }
    th[aria-sort=descending] button::after { content: " ▼" }
    @media (max-width: 40rem) { body { padding: 0.6rem } th, td { padding: 0.2rem 0.4rem } }
    """

  /// Sorts a table by the column whose head is clicked: numbers by size, texts by letters.
  fileprivate static let script = """
    for (const button of document.querySelectorAll("th button")) {
      button.addEventListener("click", () => {
        const head = button.parentElement, table = head.closest("table");
        const column = [...head.parentElement.children].indexOf(head);
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const isNumber = head.classList.contains("number");
        const value = row => {
          const text = row.children[column].textContent;
          if (!isNumber) return text;
          const found = parseFloat(text.replace(/[\\u202f\\u2009\\u00a0]/g, "").replace("\\u2212", "-"));
          return Number.isNaN(found) ? Infinity : found;
        };
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => {
          const [x, y] = [value(a), value(b)];
          const order = isNumber ? (x === y ? 0 : x - y) : x.localeCompare(y);
          return down ? -order : order;
        });
        table.tBodies[0].append(...rows);
      });
    }
    """
}
