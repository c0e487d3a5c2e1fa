import OperationCosts
import SearchCore
import SearchSpaces
import WeightSharing

/// Two texts of seven words, of which each mostly tells the next.
final class StubText: TextSource {
  let words = 7
  let training: TextTraining
  private let counts: [SplitPart: Int]

  /// By default four sequences of 11 words and of 9, read in stretches of 5.
  init(training: TextTraining = .stub, counts: [SplitPart: Int] = [.training: 44, .validation: 36])
  {
    self.training = training
    self.counts = counts
  }

  func count(of part: SplitPart) -> Int { counts[part] ?? 0 }

  func tokens(of part: SplitPart) -> [Int32] {
    (0..<(counts[part] ?? 0)).map { Int32(($0 * $0 + (part == .training ? 0 : 3)) % words) }
  }
}

extension TextTraining {
  /// A tiny recipe in which everything drops out.
  static let stub = TextTraining(
    hidden: 6, layers: 1, unrolledSteps: 5, sumsOverSteps: false, tiedEmbeddings: true,
    initialBound: 0.6, wordDropout: 0.1, embeddingDropout: 0.2, inputDropout: 0.3,
    hiddenDropout: 0.25, outputDropout: 0.3, variationalDropout: true,
    temporalRegularization: 0.5)

  /// The same without what is random.
  static let still = TextTraining(
    hidden: 6, layers: 1, unrolledSteps: 5, sumsOverSteps: false, tiedEmbeddings: true,
    initialBound: 0.6, variationalDropout: true)
}

extension SharedPathWeights {
  /// What a step or a score is charged in a task of stub images.
  func charge(
    _ architecture: Architecture, examples: Int, isTraining: Bool, clips: Bool,
    in task: OneShotTask
  ) -> Charge {
    charge(
      architecture, examples: examples, isTraining: isTraining, clips: clips,
      image: (task.data as? StubImages)?.image ?? (8, 8, 3), on: task.device)
  }
}
