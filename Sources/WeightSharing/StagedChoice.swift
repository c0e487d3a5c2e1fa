import SearchCore
import TensorCore

/// A choice among candidates by shared weights, in rounds of two stages: all on a few validation
/// minibatches, then the best of them on all.
///
/// Source: Li & Talwalkar, arXiv 1902.07638, and the released code.
package struct StagedChoice: Codable, Hashable {
  /// A candidate's score on what it was shown so far.
  package struct Scored: Codable, Hashable {
    /// Index over all rounds.
    package var candidate: Int
    package var sum = ScoreSum()
  }

  private let measure: ScoreMeasure
  private let candidates: Int
  private let batches: Int
  private let finalists: Int
  private let rounds: Int
  private let allBatches: Int
  private var round = 0
  /// Those that have been scored in this stage, and the one that is being scored.
  private var done: [Scored] = []
  private var current: Scored
  private var batch = 0
  /// Finalists that are still to be scored; `nil` in the first stage.
  private var waiting: [Int]?
  /// The best of this round's first stage, once that has ended.
  private var leader: Scored?
  private var isOver = false
  /// The best finalist so far, the earlier one of equals; where the budget ended before there was
  /// a finalist, the best candidate.
  package private(set) var best: Scored?

  /// - Parameters:
  ///   - batches: Minibatches of a first score.
  ///   - allBatches: Minibatches of the validation split.
  package init(
    by measure: ScoreMeasure, candidates: Int, batches: Int, finalists: Int, rounds: Int,
    allBatches: Int
  ) {
    self.measure = measure
    self.candidates = candidates
    self.batches = min(batches, allBatches)
    self.finalists = min(finalists, candidates)
    self.rounds = rounds
    self.allBatches = allBatches
    current = Scored(candidate: 0)
  }

  /// Whether a checkpoint's choice can be one that began as another did.
  func isSound(as fresh: StagedChoice) -> Bool {
    let known = 0..<max(1, rounds) * candidates
    let scored = done + [current] + (best.map { [$0] } ?? [])
    return measure == fresh.measure
      && (candidates, batches, finalists, rounds, allBatches)
        == (fresh.candidates, fresh.batches, fresh.finalists, fresh.rounds, fresh.allBatches)
      && (0..<allBatches).contains(batch) && (0...rounds).contains(round)
      && scored.allSatisfy {
        (isOver || known.contains($0.candidate)) && $0.sum.isSound
      } && (waiting ?? []).allSatisfy(known.contains)
  }

  /// What is to be scored next on which minibatch; `nil` once the choice is made.
  package var next: (candidate: Int, batch: Int)? { isOver ? nil : (current.candidate, batch) }

  /// Takes in a score of what was next.
  package mutating func take(_ score: BatchScore) {
    current.sum.add(score)
    batch += 1
    guard batch == (waiting == nil ? batches : allBatches) else { return }
    batch = 0
    done.append(current)
    if waiting == nil {
      if done.count < candidates {
        current = Scored(candidate: current.candidate + 1)
      } else {
        beginFinal()
      }
    } else if let following = waiting?.first {
      waiting?.removeFirst()
      current = Scored(candidate: following)
    } else {
      endRound()
    }
  }

  /// Ends the choice early with the best finalist there is, or else the best candidate.
  package mutating func stop() {
    if current.sum.count > 0, best == nil { done.append(current) }
    if waiting != nil || best == nil { noteBest() }
    if best == nil { best = leader }
    isOver = true
  }

  private mutating func beginFinal() {
    let ranked = done.sorted {
      (validation($0), $0.candidate) < (validation($1), $1.candidate)
    }
    leader = ranked.first
    var list = ranked.prefix(finalists).map(\.candidate)
    current = Scored(candidate: list.removeFirst())
    waiting = list
    done = []
  }

  private mutating func endRound() {
    noteBest()
    round += 1
    done = []
    waiting = nil
    current = Scored(candidate: round * candidates)
    isOver = round == rounds
  }

  private mutating func noteBest() {
    for scored in done where validation(scored) < best.map(validation) ?? .infinity {
      best = scored
    }
  }

  private func validation(_ scored: Scored) -> Double { scored.sum.value(measure) }
}
