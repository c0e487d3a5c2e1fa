import Experiments
import Foundation
import SearchCore
import Verification

/// A claim's training, as `train` does it.
struct ClaimTraining: PreparedTraining {
  private let request: NetworkTraining.Request
  private let project: ProjectFolder
  private let stop: StopFlag
  private let recorded: SearchCore.Measurement?
  private let reference: Double
  let price: String
  let command: String

  init(
    _ request: TrainingRequest, in project: ProjectFolder, threads: Int?, stop: StopFlag
  ) throws {
    let judgement: Study.Judgement = request.usesValidation ? .trainingAndValidation : .training
    self.request = NetworkTraining.Request(
      network: request.network, dataset: request.dataset, recipe: request.recipe,
      fields: request.changes.map { change in
        let parts = change.split(separator: "=", maxSplits: 1).map(String.init)
        return (parts[0], parts.count > 1 ? parts[1] : "")
      }, judgement: judgement, seed: request.seed, threads: threads)
    (self.project, self.stop) = (project, stop)
    // Its data are not kept: there may be a hundred claims.
    let training = try NetworkTraining(self.request, in: project)
    let run = try training.recorded()
    recorded = run?.final?.measurement
    reference = 1e-9 * Double(try training.forecast().referenceNanoseconds)
    let days = TableText.decimals(reference / 86_400, reference < 864_000 ? 3 : 0)
    price = "\(days) GPU-days on \(training.suite.device)"
    var words = ["searchlight train \(request.network) --dataset \(request.dataset)"]
    words += request.recipe.map { ["--recipe \($0)"] } ?? []
    words += request.changes.map { "--set \($0)" }
    if judgement != .training { words.append("--on \(judgement.rawValue)") }
    if request.seed != 1 { words.append("--seed \(request.seed)") }
    command = words.joined(separator: " ")
  }

  var isRecorded: Bool { recorded != nil }

  func seconds() throws -> Double {
    if isRecorded { return 0 }
    let training = try NetworkTraining(request, in: project)
    return reference * (try training.evaluator.measureSecondsPerReferenceSecond() ?? 0)
  }

  func measurement() throws -> SearchCore.Measurement {
    if let recorded { return recorded }
    let training = try NetworkTraining(request, in: project)
    var bar = ProgressBar(training.suite.name, unit: .count("‰"))
    var observer = RunObserver()
    observer.onProgress = { progress in
      bar.update(done: Int(1_000 * min(1, progress.budgetFraction)), total: 1_000)
    }
    let end = try training.execute(fresh: false, stop: stop, observer: observer)
    bar.interrupt()
    guard end != .interrupted else {
      throw CheckFailure("stopped; the same command continues")
    }
    guard let found = try training.recorded()?.final?.measurement else {
      throw CheckFailure("the training of \(training.suite.name) has no score")
    }
    return found
  }
}
