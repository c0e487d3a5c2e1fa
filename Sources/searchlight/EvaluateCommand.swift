import ArgumentParser
import Datasets
import Experiments
import Foundation
import NeuralNetworks
import Randomness
import SearchCore
import SearchSpaces
import TensorCore
import Verification

/// `searchlight evaluate`: archived weights on real test images.
struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Counts how many test images archived weights classify wrongly.",
    discussion: """
      Examples:
        searchlight evaluate resnet20.th --network resnet-20 --dataset cifar10 \\
          --normalization imagenet
        searchlight evaluate model.safetensors --network wide-resnet-28-10 --dataset cifar10 \\
          --predictions predictions.csv

      Reads safetensors and PyTorch files, of old and of new versions, also with 'module.' before
      the names, with the state dict inside a dictionary, and in half precision. Nothing in the
      file is executed. Arrays must have the network's names and sizes; one that does not fit is
      named.
      """)

  @Argument(help: "The file of weights.")
  var checkpoint: String

  @Option(help: "A name of 'searchlight architecture list', or SPACE:TEXT.")
  var network: String

  @Option(help: "Name of the dataset, as 'searchlight data list' shows it.")
  var dataset: String

  @Option(
    help: """
      How pixels from 0 to 1 are normalised: 'own' by the dataset's training images, 'imagenet' by \
      ImageNet's moments.
      """)
  var normalization = "own"

  @Option(help: "Write each image's class and the likeliest one into this file (CSV).")
  var predictions: String?

  @Option(help: "Threads; the result is the same for any number.")
  var threads: Int?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard ["own", "imagenet"].contains(normalization) else {
      throw ValidationError("--normalization is '\(normalization)'; expected own or imagenet")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); 1 to 1024 expected")
    }
  }

  func run() async throws {
    try await CommandFailure.reporting {
      try predictions.map(GivenFile.init)?.check()
      let library = try ProjectFolder.find().library
      let data = try library.images(dataset)
      let found = try Self.network(network, classes: data.classes.count)
      let context = try ComputeContext(threads: threads ?? JobLimits.current.processors)
      found.parameters.allocate(in: context, key: RandomKey(seed: 0))
      try load(into: found)
      let evaluation = NetworkEvaluation(
        of: found, on: try data.openTest(reason: "evaluation of \(checkpoint)"),
        normalization: normalization == "imagenet" ? .imageNet : .init(of: data), context: context)
      if let predictions { try GivenFile(predictions).write(Data(evaluation.csv.utf8)) }
      try show(evaluation, in: data, inexact: try library.manifest(dataset).inexactTestImages)
    }
  }

  private func load(into found: any Network) throws {
    let file = URL(filePath: checkpoint)
    let weights = try PyTorchCheckpoint(contentsOf: file)
    do {
      try weights.load(into: found.parameters)
    } catch {
      throw CommandFailure(
        "\(file.lastPathComponent) does not fit '\(network)': \(error); name the network that the "
          + "weights are of with --network")
    }
  }

  private func show(
    _ evaluation: NetworkEvaluation, in data: ImageDataset, inexact: [Int]
  ) throws {
    let (wrong, count) = (evaluation.wrong, evaluation.labels.count)
    let doubtful = inexact.count { evaluation.predictions[$0] != evaluation.labels[$0] }
    guard json else {
      let percent = TableText.decimals(100 * Double(wrong) / Double(max(1, count)), 2)
      Output.line(
        "\(wrong) of \(count) test images of \(data.name) are classified wrongly (\(percent) %)")
      if !inexact.isEmpty {
        Output.line("\(doubtful) of them are among the \(inexact.count) images that are not exact")
      }
      return
    }
    let sheet: [String: Any] = [
      "network": network, "dataset": data.name, "datasetVersion": data.version,
      "normalization": normalization, "images": count, "wrong": wrong,
      "inexactImages": inexact.count, "inexactWrong": doubtful,
    ]
    let options: JSONSerialization.WritingOptions = [
      .prettyPrinted, .sortedKeys, .withoutEscapingSlashes,
    ]
    Output.line(
      String(
        decoding: try JSONSerialization.data(withJSONObject: sheet, options: options),
        as: UTF8.self))
  }

  /// The network of a name, or of a text behind a space's name and a colon, without auxiliary head.
  static func network(_ name: String, classes: Int) throws -> any Network {
    if let named = NamedNetworks.named(name) { return named.network(classes: classes) }
    guard let found = try ArchitectureShow.find(name) as? PublishedArchitecture else {
      throw CommandFailure(
        "'\(name)' is a recurrent cell; expected a network for images: checkpoints of language "
          + "models cannot be evaluated yet")
    }
    return found.network(scale: found.scale, classes: classes)
  }
}
