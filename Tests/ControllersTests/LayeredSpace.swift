import Randomness
import SearchCore

/// Layers with one of three operations each, and a skip from every earlier layer.
struct LayeredSpace: AnchoredSearchSpace {
  static let name = "layered"
  let decisions: [Decision]
  let anchors: [Range<Int>]

  init(depth: Int) {
    var decisions: [Decision] = []
    var anchors: [Range<Int>] = []
    for layer in 0..<depth {
      decisions.append(Decision(name: "layer \(layer)", options: ["a", "b", "c"]))
      anchors.append(decisions.count..<decisions.count + layer)
      decisions += (0..<layer).map {
        Decision(name: "layer \(layer) reads layer \($0)", options: ["no", "yes"])
      }
    }
    self.decisions = decisions
    self.anchors = anchors
  }

  func sample(using generator: inout KeyedGenerator) -> Architecture {
    Architecture(
      space: Self.name,
      choices: decisions.map { generator.integer(below: $0.options.count) })
  }
  func mutate(
    _ architecture: Architecture, using generator: inout KeyedGenerator
  ) -> Architecture { architecture }
  func text(of architecture: Architecture) -> String { "\(architecture.choices)" }
  func parse(_ text: String) throws(ArchitectureError) -> Architecture {
    throw ArchitectureError("layered: no texts")
  }
  func identity(of architecture: Architecture) -> String { text(of: architecture) }
  func graphs(of architecture: Architecture) -> [CellGraph] { [] }
}
