import SearchCore

/// The evaluators of a suite: one for each study and each space that is searched in it.
public struct SuiteEvaluators {
  private var found: [String: [String: any Evaluator]] = [:]

  /// Prepares all of them: loads their data.
  public init(of suite: Suite, workbench: any Workbench) throws {
    for study in suite.studies {
      for space in study.spaces {
        found[study.name, default: [:]][space] = try workbench.evaluator(
          of: study, space: space, in: suite)
      }
    }
  }

  /// Takes one evaluator for everything, for tests.
  package init(_ evaluator: any Evaluator, of suite: Suite) {
    for study in suite.studies {
      for space in study.spaces { found[study.name, default: [:]][space] = evaluator }
    }
  }

  /// The evaluator of a study in one of its spaces.
  public subscript(study: Study, space: String) -> any Evaluator {
    get throws(SuiteError) {
      guard let evaluator = found[study.name]?[space] else {
        throw SuiteError("study '\(study.name)' has no evaluator in space '\(space)'")
      }
      return evaluator
    }
  }

  /// An evaluator of a study, for what is the same in all its spaces: data and labels.
  public subscript(study: Study) -> any Evaluator {
    get throws(SuiteError) { try self[study, study.spaces[0]] }
  }
}
