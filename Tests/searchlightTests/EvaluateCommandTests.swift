import Foundation
import NeuralNetworks
import Randomness
import Testing

/// `searchlight evaluate` as it is typed, on the embedded images.
@Suite(.enabled(if: ProgramRun.isThere)) struct EvaluateCommandTests {
  /// Weights drawn at random, in PyTorch's order of sizes.
  private static func weights(without left: String? = nil) -> Data {
    let parameters = ResNet(depth: 20).parameters
    var generator = RandomKey(seed: 4).generator()
    let tensors = (parameters.trainable + parameters.statistics).filter { $0.name != left }
      .map { parameter -> Safetensors.Tensor in
        let sizes = parameter.sizes
        let isPositive = parameter.name.hasSuffix("running_var")
        return .init(
          name: "module.\(parameter.name)",
          sizes: sizes.count == 4 ? [sizes[3], sizes[2], sizes[0], sizes[1]] : sizes.reversed(),
          values: (0..<parameter.count).map { _ in
            isPositive ? 1 : Float(generator.normal()) / 10
          })
      }
    return Data(Safetensors(tensors).bytes)
  }

  private func run(_ weights: Data, _ more: String...) throws -> ProgramRun.End {
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "weights.safetensors")
    try weights.write(to: file)
    return try ProgramRun(suite: .table)(
      ["evaluate", file.path, "--network", "resnet-20", "--dataset", "shapes10"] + more)
  }

  @Test func predictionsGiveTheSameCount() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).csv")
    defer { try? FileManager.default.removeItem(at: file) }
    let end = try run(Self.weights(), "--json", "--predictions", file.path, "--threads", "1")
    #expect(end.code == 0, "\(end.errors)")
    let sheet = try #require(
      try JSONSerialization.jsonObject(with: Data(end.output.utf8)) as? [String: Any])
    let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(rows.first == "image,label,prediction")
    let wrong = rows.dropFirst().count { row in
      let fields = row.split(separator: ",")
      return fields[1] != fields[2]
    }
    #expect(sheet["wrong"] as? Int == wrong && sheet["images"] as? Int == rows.count - 1)
    #expect(wrong > 0)
    #expect(try run(Self.weights(), "--json", "--threads", "2").output == end.output)
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let end = try run(Self.weights(without: "layer2.0.conv1.weight"))
    #expect(end.code == 1 && end.output.isEmpty)
    #expect(
      end.errors == "searchlight: weights.safetensors does not fit 'resnet-20': "
        + "layer2.0.conv1.weight is missing; name the network that the weights are of with "
        + "--network\n")
  }

  @Test func otherFilesAreRefused() throws {
    let end = try run(Data("hello".utf8))
    #expect(
      end.errors
        == "searchlight: weights.safetensors: this is no PyTorch checkpoint, neither a zip "
        + "archive nor legacy\n")
  }

  @Test func unknownNetworksAreNamed() throws {
    let end = try ProgramRun(suite: .table)([
      "evaluate", "x", "--network", "resnet-21", "--dataset", "shapes10",
    ])
    #expect(end.code == 1)
    #expect(end.errors.hasPrefix("searchlight: there is no architecture 'resnet-21'; did you mean"))
  }
}
