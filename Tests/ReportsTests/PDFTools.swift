import Foundation
import Testing

/// Poppler's programs, which read PDF independently of what wrote it.
enum PDFTools {
  /// Whether they are installed (`poppler-utils`); tests that need them are skipped without.
  static let areThere = ["pdftotext", "pdffonts", "pdftoppm"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
  }

  /// What a program prints about a PDF.
  static func output(of tool: String, _ arguments: [String], _ pdf: Data) throws -> String {
    let file = FileManager.default.temporaryDirectory.appending(
      path: "searchlight-report-\(UUID().uuidString).pdf")
    defer { try? FileManager.default.removeItem(at: file) }
    try pdf.write(to: file)
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/\(tool)")
    process.arguments = arguments.map { $0 == "FILE" ? file.path : $0 }
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
  }

  /// A PDF's text with every kind of space made one plain space.
  static func text(of pdf: Data) throws -> String {
    try output(of: "pdftotext", ["-layout", "FILE", "-"], pdf)
      .split { $0.isWhitespace }.joined(separator: " ")
  }
}
