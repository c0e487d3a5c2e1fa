/// A network that people designed, under a name.
public struct NamedNetwork: Sendable {
  /// Stable id, lower kebab case.
  public let name: String
  /// What it is, in one line.
  public let summary: String
  /// Where it comes from.
  public let source: String
  /// Name of its paper's recipe; `nil` if that is not published as far as it would have to be.
  public let recipe: String?
  private let build: @Sendable (Int) -> any LayeredNetwork

  init(
    _ name: String, _ summary: String, source: String, recipe: String?,
    build: @escaping @Sendable (Int) -> any LayeredNetwork
  ) {
    (self.name, self.summary, self.source, self.build) = (name, summary, source, build)
    self.recipe = recipe
  }

  /// Builds the network for 32x32 images of three channels; parameters are declared, not drawn.
  public func network(classes: Int = 10) -> any LayeredNetwork { build(classes) }
}

/// The hand-made networks that searched ones are compared with: the CIFAR-10 table of Zoph & Le
/// (arXiv 1611.01578, Table 1) as far as the layers are published, sorted by name.
public enum NamedNetworks {
  /// Every network.
  public static let all = (plain + residual + preactivation + dense + fractal).sorted {
    $0.name < $1.name
  }

  /// The network with a name, or `nil` if there is none.
  public static func named(_ name: String) -> NamedNetwork? { all.first { $0.name == name } }

  private static let plain = [
    NamedNetwork(
      "network-in-network", "Network in Network", source: "arXiv 1312.4400", recipe: nil
    ) { PlainNetwork.networkInNetwork(classes: $0) },
    NamedNetwork("all-cnn", "All-CNN-C", source: "arXiv 1412.6806", recipe: "all-cnn") {
      PlainNetwork.allConvolutional(classes: $0)
    },
  ]

  private static let residual: [NamedNetwork] =
    // The shortest, which the paper does not have, is for checks in seconds.
    [8, 20, 32, 44, 56, 110, 1202].flatMap { depth in
      [
        NamedNetwork(
          "resnet-\(depth)", "ResNet of \(depth) layers, shortcuts of option A",
          source: "arXiv 1512.03385", recipe: "resnet"
        ) { ResNet(depth: depth, classes: $0) },
        NamedNetwork(
          "resnet-\(depth)-b", "ResNet of \(depth) layers, shortcuts of option B",
          source: "arXiv 1512.03385", recipe: "resnet"
        ) { ResNet(depth: depth, classes: $0, shortcut: .projected) },
      ]
    }
    + [110, 1202].map { depth in
      NamedNetwork(
        "stochastic-depth-\(depth)", "ResNet of \(depth) layers with stochastic depth",
        source: "arXiv 1603.09382", recipe: "stochastic-depth"
      ) { ResNet(depth: depth, classes: $0, lastSurvival: 0.5) }
    }

  private static let preactivation: [NamedNetwork] =
    [164, 1001].map { depth in
      NamedNetwork(
        "preactivation-resnet-\(depth)", "pre-activation ResNet of \(depth) layers, bottlenecks",
        source: "arXiv 1603.05027", recipe: "preactivation-resnet"
      ) { PreactivationResNet(depth: depth, block: .bottleneck, classes: $0) }
    }
    + [(16, 8), (28, 10)].map { depth, widening in
      NamedNetwork(
        "wide-resnet-\(depth)-\(widening)",
        "Wide ResNet of \(depth) layers, \(widening) times wide",
        source: "arXiv 1605.07146", recipe: "wide-resnet"
      ) { PreactivationResNet(depth: depth, block: .basic, widening: widening, classes: $0) }
    }

  private static let dense: [NamedNetwork] =
    [(40, 12), (100, 12), (100, 24)].map { depth, growth in
      NamedNetwork(
        "densenet-\(depth)-\(growth)", "DenseNet of \(depth) layers, growth \(growth)",
        source: "arXiv 1608.06993", recipe: "densenet"
      ) { DenseNet(depth: depth, growth: growth, isCompact: false, classes: $0) }
    }
    + [(100, 12), (190, 40), (250, 24)].map { depth, growth in
      NamedNetwork(
        "densenet-bc-\(depth)-\(growth)", "DenseNet-BC of \(depth) layers, growth \(growth)",
        source: "arXiv 1608.06993", recipe: "densenet"
      ) { DenseNet(depth: depth, growth: growth, isCompact: true, classes: $0) }
    }

  private static let fractal = [
    NamedNetwork(
      "fractalnet-21", "FractalNet of 21 layers", source: "arXiv 1605.07648", recipe: "fractalnet"
    ) {
      FractalNet(classes: $0)
    }
  ]
}
