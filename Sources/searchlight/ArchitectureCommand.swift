import ArgumentParser
import Charts
import Foundation
import NeuralNetworks
import SearchCore
import SearchSpaces

/// `searchlight architecture`: the networks behind names and notations.
struct ArchitectureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "architecture",
    abstract: "Shows published architectures, and any that is written down: size and cells.",
    discussion: """
      Examples:
        searchlight architecture list
        searchlight architecture show wide-resnet-28-10
        searchlight architecture show nasnet-a --draw nasnet-a.png
      """,
    subcommands: [ArchitectureList.self, ArchitectureShow.self])
}

/// `searchlight architecture list`: the searched ones, then those that people designed.
struct ArchitectureList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the architectures that have names.",
    discussion: """
      Example:
        searchlight architecture list
      """)

  func run() async throws {
    let found = ArchitectureShow.named.map { ($0.name, "\($0.summary) (\($0.source))") }
    let designed = NamedNetworks.all.map { ($0.name, "\($0.summary) (\($0.source))") }
    let width = (found + designed).map { $0.0.count }.max() ?? 0
    for (name, text) in found + designed {
      Output.line("\(TableText.pad(name, width))  \(text)")
    }
  }
}

/// `searchlight architecture show`: parameters, FLOPs, depth, and a drawing.
struct ArchitectureShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Prints an architecture's parameters, FLOPs and depth, and draws its cells.",
    discussion: """
      Examples:
        searchlight architecture show darts-v2 --json
        searchlight architecture show amoebanet-a --channels 32 --draw amoebanet-a.pdf
        searchlight architecture show \\
          'nas-bench-201:|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|'
        searchlight architecture show darts-rnn-v2 --hidden 300

      Parameters are those of the classifier; an auxiliary head, which trains along, is counted
      apart. FLOPs are the operations of one 32x32 image's forward pass, two a multiply-add, with
      normalisations, sums and pooling; papers often print the multiply-adds of convolutions and
      linear layers alone. Depth is the largest number of layers with weights (convolutions, the
      two of a separable one apart, and linear layers) on a way from the image to the logits.

      A recurrent cell is shown as its language model: parameters with tied embeddings counted
      once, FLOPs of one word of one sequence forward, scores of all words included.
      """)

  @Argument(
    help: "A name of 'architecture list', or SPACE:TEXT in the notation of the space's paper.")
  var architecture: String

  @Option(help: "Channels of the first cells; the paper's by default. Chains have their own.")
  var channels: Int?

  @Option(help: "Normal cells of each of the three stages; the paper's by default.")
  var cells: Int?

  @Option(help: "Hidden units and embedding of a language model; the paper's by default.")
  var hidden: Int?

  @Option(help: "Layers of a language model; the paper's by default.")
  var layers: Int?

  @Option(help: "Words of a language model's vocabulary.")
  var words = 10_000

  @Flag(help: "Print JSON.")
  var json = false

  @Option(help: "Draw the cells into this .pdf, .svg or .png.")
  var draw: String?

  func validate() throws {
    let limits = [
      ("--channels", channels, 4096), ("--cells", cells, 200), ("--hidden", hidden, 8192),
      ("--layers", layers, 16), ("--words", words, 1_000_000),
    ]
    for (name, value, largest) in limits {
      if let value, !(1...largest).contains(value) {
        throw ValidationError("\(name) is \(value); 1 to \(largest) expected")
      }
    }
    _ = try draw.map(ChartFile.init)
  }

  func run() async throws {
    try await CommandFailure.reporting {
      if let named = NamedNetworks.named(architecture) { return try show(named) }
      let found = try Self.find(architecture)
      let sheet = try sheet(of: found)
      // First, for nobody may read what is printed to its end.
      if let draw { try ChartFile(draw).write(chart(of: found), width: 760) }
      try show(sheet, "\(found.name): \(found.summary) (\(found.source))")
    }
  }

  private func chart(of found: any FoundArchitecture) -> ChartColumn {
    let charts = found.graphs.map { graph in
      CellGraphChart(
        title: graph.title, nodes: graph.nodes,
        edges: graph.edges.map {
          .init(source: $0.source, target: $0.target, label: $0.operation)
        })
    }
    return ChartColumn(title: found.name, charts: charts)
  }

  /// Refuses a part of a scale that the network does not have.
  private func refuseScale(_ found: PublishedArchitecture) throws {
    if let layers = found.layers, cells != nil {
      throw CommandFailure(
        "--cells does not go with \(found.name), whose network has \(layers) layers; leave it out")
    }
    if !found.takesChannels, channels != nil {
      throw CommandFailure(
        "--channels does not go with \(found.name), whose layers say their own; leave it out")
    }
  }

  /// Shows a network that people designed; it has one size, and no cells.
  private func show(_ network: NamedNetwork) throws {
    guard channels == nil, cells == nil, draw == nil else {
      throw CommandFailure(
        "'\(network.name)' has one size and no cells; leave out --channels, --cells and --draw")
    }
    try show(
      ArchitectureSheet(network), "\(network.name): \(network.summary) (\(network.source))")
  }

  private func show(_ sheet: any ArchitectureFacts, _ title: String) throws {
    guard json else {
      Output.line(title)
      for line in sheet.lines { Output.line("  \(line)") }
      return
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    Output.line(String(decoding: try encoder.encode(sheet), as: UTF8.self))
  }

  /// All architectures that have names and were found by searches, sorted by name.
  static var named: [any FoundArchitecture] {
    let found: [any FoundArchitecture] = PublishedArchitectures.all + PublishedCells.all
    return found.sorted { $0.name < $1.name }
  }

  /// The architecture of a name, or of a text behind a space's name and a colon.
  static func find(_ name: String) throws -> any FoundArchitecture {
    guard let colon = name.firstIndex(of: ":") else {
      if let found = named.first(where: { $0.name == name }) { return found }
      let names = named.map { $0.name } + NamedNetworks.all.map { $0.name }
      let nearest = NearestName.of(name, among: names)
      throw CommandFailure(
        "there is no architecture '\(name)'; "
          + (nearest.map { "did you mean '\($0)'?" }
            ?? "type 'searchlight architecture list' for all"))
    }
    let space = String(name[..<colon])
    guard let found = SearchSpaceCatalog.named(space) else {
      let names = SearchSpaceCatalog.names
      throw CommandFailure(
        "there is no search space '\(space)'; "
          + (NearestName.of(space, among: names).map { "did you mean '\($0)'?" }
            ?? "expected one of \(names.joined(separator: ", "))"))
    }
    let text = String(name[name.index(after: colon)...])
    switch found {
    case let space as any TrainableSearchSpace:
      return try PublishedArchitecture(reading: text, in: space)
    case let space as any LanguageSearchSpace: return try PublishedCell(reading: text, in: space)
    default: throw CommandFailure("the architectures of '\(space)' have no networks here")
    }
  }

  private func sheet(of found: any FoundArchitecture) throws -> any ArchitectureFacts {
    guard let cell = found as? PublishedCell else {
      guard let images = found as? PublishedArchitecture, hidden == nil, layers == nil else {
        throw CommandFailure(
          "'\(found.name)' is a network for images; --channels and --cells expected")
      }
      try refuseScale(images)
      var scale = images.scale
      scale.channels = channels ?? scale.channels
      scale.cells = cells ?? scale.cells
      var options = NetworkOptions()
      options.hasAuxiliaryHead = images.hasAuxiliaryHead
      return ArchitectureSheet(
        images, scale, ArchitectureSize(of: images.network(scale: scale, options: options)))
    }
    guard channels == nil, cells == nil else {
      throw CommandFailure("'\(found.name)' is a recurrent cell; --hidden and --layers expected")
    }
    var training = cell.training
    training.hidden = hidden ?? training.hidden
    training.embedding = hidden ?? training.embedding
    training.layers = layers ?? training.layers
    return CellSheet(
      cell, words: words, training,
      LanguageModelSize(of: cell.model(words: words, training: training)))
  }
}

/// What is said of an architecture, as JSON or as lines.
protocol ArchitectureFacts: Encodable {
  var lines: [String] { get }
}

/// What is said of a recurrent cell.
struct CellSheet: ArchitectureFacts {
  let name: String
  let space: String
  let genotype: String
  let hidden: Int
  let embedding: Int
  let layers: Int
  let words: Int
  let hasTiedEmbeddings: Bool
  let parameters: Int
  let flops: Int
  let multiplyAdds: Int

  init(_ cell: PublishedCell, words: Int, _ training: TextTraining, _ size: LanguageModelSize) {
    (name, space, genotype, self.words) = (cell.name, cell.space, cell.text, words)
    (hidden, embedding, layers) = (training.hidden, training.embedding, training.layers)
    hasTiedEmbeddings = training.tiedEmbeddings
    (parameters, flops, multiplyAdds) = (size.parameters, size.flops, size.multiplyAdds)
  }

  var lines: [String] {
    let ties = hasTiedEmbeddings ? "tied" : "separate"
    return [
      "genotype    \(genotype)",
      "scale       \(hidden) hidden units, \(layers) layer\(layers == 1 ? "" : "s"), "
        + "\(ArchitectureSheet.grouped(words)) words, \(ties) embeddings of \(embedding)",
      "parameters  \(ArchitectureSheet.grouped(parameters))",
      "FLOPs       \(ArchitectureSheet.grouped(flops)) a word forward; "
        + "\(ArchitectureSheet.grouped(multiplyAdds)) multiply-adds of matrix products",
    ]
  }
}

/// What is said of a network for images.
struct ArchitectureSheet: ArchitectureFacts {
  let name: String
  /// Of networks that people designed, this and the next four are `nil`.
  let space: String?
  let genotype: String?
  /// `nil` where layers have their own.
  let channels: Int?
  /// Cells a stage; `nil` where the network is a row of `layers`.
  let cells: Int?
  let layers: Int?
  let parameters: Int
  let auxiliaryParameters: Int
  let flops: Int
  let multiplyAdds: Int
  let depth: Int?

  init(
    _ architecture: PublishedArchitecture, _ scale: TrainingProtocol.Scale,
    _ size: ArchitectureSize
  ) {
    (name, space, genotype) = (architecture.name, architecture.space, architecture.text)
    channels = architecture.takesChannels ? scale.channels : nil
    layers = architecture.layers
    cells = layers == nil ? scale.cells : nil
    (parameters, auxiliaryParameters) = (size.parameters, size.auxiliaryParameters)
    (flops, multiplyAdds, depth) = (size.flops, size.multiplyAdds, size.depth)
  }

  init(_ network: NamedNetwork) {
    let size = ArchitectureSize(of: network.network())
    name = network.name
    (space, genotype, channels, cells, layers) = (nil, nil, nil, nil, nil)
    (parameters, auxiliaryParameters) = (size.parameters, size.auxiliaryParameters)
    (flops, multiplyAdds, depth) = (size.flops, size.multiplyAdds, size.depth)
  }

  var lines: [String] {
    let head =
      auxiliaryParameters > 0
      ? " and \(Self.grouped(auxiliaryParameters)) of an auxiliary head, in training alone" : ""
    let origin = genotype.map { ["genotype    \($0)", "scale       \(scale)"] } ?? []
    return origin + [
      "parameters  \(Self.grouped(parameters))\(head)",
      "FLOPs       \(Self.grouped(flops)) an image of 32x32; \(Self.grouped(multiplyAdds)) "
        + "multiply-adds of convolutions and linear layers",
      "depth       \(depth.map { "\($0) layers with weights" } ?? "unknown")",
    ]
  }

  private var scale: String {
    let channels = channels.map { "\($0) channels" } ?? "channels of each layer's own"
    return channels + (cells.map { ", \($0) cells a stage" } ?? "")
      + (layers.map { ", \($0) layers" } ?? "")
  }

  /// Digits in groups of three: `3,328,234`.
  static func grouped(_ number: Int) -> String {
    var digits = String(number)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: ",")
  }
}
