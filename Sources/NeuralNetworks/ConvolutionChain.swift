import TensorCore

/// Convolutions one after the other, each behind batch normalisation and ReLU, and a last
/// normalisation.
///
/// For what separable stages cannot be: kernels over all channels, and convolutions without a ReLU
/// in front.
public struct ConvolutionChain {
  private let steps: [Step]
  private let last: NormalizationState
  private let isRectified: Bool
  private let parameters: Parameters

  private struct Step {
    /// Their outputs are joined along the channels.
    let convolutions: [Convolution]
    /// In front of the convolutions, with a ReLU.
    let normalization: BatchNormalization?
  }

  /// A convolution of the chain: the filters and windows of its branches.
  public struct Link {
    let branches: [(count: Int, window: Window)]

    /// One convolution.
    public init(to count: Int, _ window: Window) { branches = [(count, window)] }

    /// A factorized reduction: every second pixel, and the pixels between them.
    public init(reducingTo count: Int) {
      branches = [
        (count / 2, Window(1, stride: 2)),
        (count - count / 2, Window(1, stride: 2, padding: -1)),
      ]
    }
  }

  /// Declares `<name>.<index>.conv` (`conv0` and `conv1` of two branches) and `<name>.<index>.bn`.
  ///
  /// - Parameters:
  ///   - links: At least one.
  ///   - isRectified: Whether a ReLU comes first.
  ///   - normalizesEach: Whether normalisation and ReLU stand between the convolutions; the last
  ///     one is normalised in any case.
  public init(
    _ name: String, from channels: Int, _ links: [Link], isRectified: Bool = true,
    normalizesEach: Bool = true, isAffine: Bool = true, in parameters: Parameters
  ) {
    self.isRectified = isRectified
    self.parameters = parameters
    var width = channels
    var pending: BatchNormalization?
    var steps: [Step] = []
    for (index, link) in links.enumerated() {
      let convolutions = link.branches.enumerated().map { branch, filters in
        Convolution(
          "\(name).\(index).conv\(link.branches.count > 1 ? "\(branch)" : "")", from: width,
          to: filters.count, window: filters.window, in: parameters)
      }
      steps.append(Step(convolutions: convolutions, normalization: pending))
      width = link.branches.reduce(0) { $0 + $1.count }
      pending =
        normalizesEach && index < links.count - 1
        ? BatchNormalization("\(name).\(index).bn", channels: width, in: parameters) : nil
    }
    self.steps = steps
    last =
      BatchNormalization(
        "\(name).\(links.count - 1).bn", channels: width, isAffine: isAffine, in: parameters
      ).state
  }

  /// Convolutions from end to end.
  public var depth: Int { steps.count }

  public func callAsFunction(_ input: Tensor, on tape: Tape) -> Normalized {
    var maps = isRectified ? tape.relu(input) : input
    for step in steps {
      if let normalization = step.normalization {
        maps = normalization(maps, rectified: true, on: tape)
      }
      let outputs = step.convolutions.map { $0(maps, on: tape) }
      maps = outputs.count > 1 ? tape.concatenate(outputs) : outputs[0]
    }
    return tape.normalizing(maps, last, of: parameters)
  }
}
