import Charts
import Foundation
import Reports
import Testing

@Suite struct PageComposerTests {
  private func composer() throws -> PageComposer {
    try PageComposer(title: "t", footer: "suite", totalPages: nil)
  }

  @Test(.enabled(if: PDFTools.areThere, "poppler-utils is not installed"))
  func tableRepeatsItsHeaderOnEachPage() throws {
    let composer = try composer()
    let rows = (0..<120).map { ["method-\($0)", "\($0).25"] }
    composer.table(
      ReportTable(
        caption: "Many rows.", columns: [.init("name of it", isNumber: false), .init("value")],
        rows: rows), number: 1)
    let pages = composer.page
    #expect(pages > 2)
    let text = try PDFTools.text(of: Data(composer.finish()))
    #expect(text.components(separatedBy: "name of it").count - 1 == pages)
    #expect(text.components(separatedBy: "Table 1, continued").count == pages)
    #expect(rows.allSatisfy { text.contains("\($0[0]) \($0[1])") })
  }

  @Test func paragraphGoesOnOverAPage() throws {
    let composer = try composer()
    composer.paragraph(String(repeating: "word ", count: 3000))
    #expect(composer.page > 1)
    #expect(composer.room >= 0)
  }

  @Test func whatDoesNotFitBeginsOnTheNextPage() throws {
    let composer = try composer()
    composer.advance(composer.room - 10)
    composer.ensure(20)
    #expect(composer.page == 2)
    #expect(composer.y == PageComposer.margin)
  }
}
