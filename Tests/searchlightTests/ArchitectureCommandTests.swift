import Foundation
import SearchSpaces
import Testing

/// `searchlight architecture` as it is typed.
@Suite(.enabled(if: ProgramRun.isThere)) struct ArchitectureCommandTests {
  private func run(_ arguments: String...) throws -> ProgramRun.End {
    try ProgramRun(suite: .table)(["architecture"] + arguments)
  }

  @Test func sizesAreIntegers() throws {
    let end = try run("show", "darts-v2", "--json")
    #expect(end.code == 0, "\(end.errors)")
    let sheet = try #require(
      try JSONSerialization.jsonObject(with: Data(end.output.utf8)) as? [String: Any])
    #expect(sheet["parameters"] as? Int == 3_349_342)
    #expect(sheet["auxiliaryParameters"] as? Int == 476_426)
    #expect(sheet["channels"] as? Int == 36)
    let (flops, multiplyAdds) = (sheet["flops"] as? Int, sheet["multiplyAdds"] as? Int)
    #expect(try #require(flops) > 2 * (try #require(multiplyAdds)))
    #expect(try #require(sheet["depth"] as? Int) > 20)
  }

  @Test func scaleCanBeChosen() throws {
    let end = try run("show", "amoebanet-a", "--channels", "32", "--cells", "6")
    #expect(end.code == 0, "\(end.errors)")
    #expect(end.output.contains("  parameters  2,558,858 and 1,") == true)
    #expect(end.output.contains("  scale       32 channels, 6 cells a stage\n"))
  }

  /// The published 22.96 million, and by hand of a smaller one 16 · 100² a layer.
  @Test func recurrentCellsAreLanguageModels() throws {
    let paper = try run("show", "darts-rnn-v2", "--json")
    #expect(paper.code == 0, "\(paper.errors)")
    #expect(paper.output.contains("\"parameters\" : 22960000"))
    let small = try run(
      "show", "nas-cell", "--hidden", "100", "--layers", "1", "--words", "1000")
    #expect(small.code == 0, "\(small.errors)")
    #expect(small.output.contains("  parameters  261,000\n"))
    #expect(
      small.output.contains(
        "  scale       100 hidden units, 1 layer, 1,000 words, tied embeddings of 100\n"))
  }

  @Test func recurrentNotationsAreRead() throws {
    let text = "tanh(0) tanh(0) tanh(0) tanh(0) tanh(0) tanh(0) tanh(0) tanh(0)"
    let end = try run("show", "darts-recurrent:\(text)")
    #expect(end.code == 0, "\(end.errors)")
    #expect(end.output.contains("  genotype    \(text)\n"))
  }

  @Test func notationsAreRead() throws {
    let end = try run(
      "show", "nas-bench-201:|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", "--json")
    #expect(end.code == 0, "\(end.errors)")
    #expect(end.output.contains("\"parameters\" : 73306"))
  }

  /// A network that is no stack of cells has a number of layers.
  @Test(arguments: [
    ("enas-macro:" + ENASMacro.published, "96 channels, 24 layers"),
    (
      "enas-macro:" + Array(repeating: "0", count: 78).joined(separator: " "),
      "96 channels, 12 layers"
    ),
    ("nas-chain:3 3 24 | 3 3 24 1", "channels of each layer's own, 2 layers"),
    ("darts-v2", "36 channels, 6 cells a stage"),
  ])
  func theScaleIsTheNetworks(name: String, scale: String) throws {
    let end = try run("show", name)
    #expect(end.code == 0, "\(end.errors)")
    #expect(end.output.contains("  scale       \(scale)\n"), "\(end.output)")
  }

  @Test(arguments: [
    (
      ["enas-macro:" + ENASMacro.published, "--cells", "3"],
      "--cells does not go with enas-macro, whose network has 24 layers; leave it out"
    ),
    (
      ["nas-chain:3 3 24", "--channels", "8"],
      "--channels does not go with nas-chain, whose layers say their own; leave it out"
    ),
  ])
  func aScaleThatDoesNotApplyIsRefused(arguments: [String], message: String) throws {
    let end = try ProgramRun(suite: .table)(["architecture", "show"] + arguments)
    #expect(end.code == 1)
    #expect(end.errors == "searchlight: \(message)\n")
  }

  @Test(arguments: [
    (
      "nasnet-b", "searchlight: there is no architecture 'nasnet-b'; did you mean 'nasnet-a'?\n"
    ),
    (
      "something-else",
      "searchlight: there is no architecture 'something-else'; type 'searchlight architecture "
        + "list' for all\n"
    ),
    (
      "nasnet-cell:none",
      "searchlight: there is no search space 'nasnet-cell'; did you mean 'nasnet-cells'?\n"
    ),
    (
      "darts-recurrent:tanh(0)",
      "searchlight: darts-recurrent: found 1 node(s) in 'tanh(0)'; expected 8\n"
    ),
    ("enas-micro:0 1", "searchlight: enas-micro: found 2 number(s); expected 40\n"),
  ])
  func wrongNamesGiveOneLine(name: String, message: String) throws {
    let end = try run("show", name)
    #expect(end.code == 1)
    #expect(end.errors == message)
    #expect(end.output.isEmpty)
  }

  @Test(arguments: [
    (["nas-cell", "--channels", "8"], "'nas-cell' is a recurrent cell; --hidden and --layers"),
    (["nasnet-a", "--hidden", "8"], "'nasnet-a' is a network for images; --channels and --cells"),
  ])
  func sizesOfTheOtherKindAreRefused(arguments: [String], message: String) throws {
    let end = try ProgramRun(suite: .table)(["architecture", "show"] + arguments)
    #expect(end.code == 1)
    #expect(end.errors == "searchlight: \(message) expected\n")
  }

  @Test(arguments: [
    ("nasnet-a", "pdf", "%PDF"), ("nasnet-a", "svg", "<?xml"), ("nasnet-a", "png", "\u{89}PNG"),
    ("darts-rnn-v1", "svg", "<?xml"), ("enas-ptb", "pdf", "%PDF"),
    ("nas-cell", "png", "\u{89}PNG"),
  ])
  func cellsAreDrawn(name: String, ending: String, beginning: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).\(ending)")
    defer { try? FileManager.default.removeItem(at: file) }
    let end = try run("show", name, "--draw", file.path)
    #expect(end.code == 0, "\(end.errors)")
    let start = beginning.unicodeScalars.map { UInt8($0.value) }
    #expect(Array(try Data(contentsOf: file).prefix(start.count)) == start)
  }

  @Test func anUnknownEndingIsRefused() throws {
    let end = try run("show", "nasnet-a", "--draw", "cells.gif")
    #expect(end.code != 0)
    #expect(
      end.errors.contains(
        "cannot draw into 'cells.gif'; a name ending in .pdf, .svg or .png expected")
    )
  }

  @Test func theListNamesAll() throws {
    let end = try run("list")
    #expect(end.code == 0, "\(end.errors)")
    let names = end.output.split(separator: "\n").compactMap { $0.split(separator: " ").first }
    #expect(
      names.prefix(13) == [
        "amoebanet-a", "amoebanet-a-darts", "darts-rnn-v1", "darts-rnn-v2", "darts-v1",
        "darts-v2", "enas-lm", "enas-micro", "enas-ptb", "enas-ptb-darts", "nas-bench-201-best",
        "nas-cell", "nasnet-a",
      ])
    #expect(names.contains("wide-resnet-28-10") && names.contains("densenet-bc-190-40"))
  }

  @Test func designedNetworksHaveOneSize() throws {
    let end = try run("show", "wide-resnet-28-10")
    #expect(
      end.output.hasPrefix(
        "wide-resnet-28-10: Wide ResNet of 28 layers, 10 times wide (arXiv 1605.07146)\n"
          + "  parameters  36,479,194\n"))
    #expect(end.output.contains("  depth       28 layers with weights\n"))
    let refused = try run("show", "wide-resnet-28-10", "--cells", "3")
    #expect(refused.code == 1)
    #expect(
      refused.errors == "searchlight: 'wide-resnet-28-10' has one size and no cells; leave out "
        + "--channels, --cells and --draw\n")
  }
}
