/// What a task's architectures are scored by: what is measured, which way is better, and how it is
/// printed.
///
/// Records hold plain numbers, and the objective of their study says what these are. It is the one
/// place that knows about percentages, directions and words: methods, records and reports speak of
/// scores, and a task with another objective needs no change in them.
public struct Objective: Hashable, Codable, Sendable {
  /// Which way is better.
  public enum Direction: String, Codable, Sendable {
    case minimize, maximize
  }

  /// What of the data a score was measured on.
  public enum Split: String, Codable, Sendable {
    case validation, test
  }

  /// What a controller is rewarded with, so that more is better.
  public enum Reward: Hashable, Codable, Sendable {
    /// 1 - value: the accuracy that belongs to an error.
    case complement
    /// constant / value², as for perplexities.
    ///
    /// Source: Zoph & Le, arXiv 1611.01578, section 4.2, whose c is "usually set at 80".
    case inverseSquare(constant: Double)
    /// The value itself, where more is better already.
    case value
    /// -value, for a score without bounds.
    case opposite
  }

  /// Stable id, lower kebab case: `classification-error`.
  public let id: String
  /// What it is called after the name of a split: `error` in `validation error`.
  public let name: String
  /// What is measured, as a phrase.
  public let measures: String
  public let direction: Direction
  /// Smallest value that can be measured; `nil` for none.
  public let lowest: Double?
  /// Largest value that can be measured; `nil` for none.
  public let highest: Double?
  /// Unit as printed after a number, `%`; empty for none.
  public let unit: String
  /// Printed numbers are values times this: 100 for shares in percent.
  public let printedScale: Double
  /// Digits after the point as printed, from 0 to 9.
  public let decimals: Int
  /// What differences are counted in, in words: `points`.
  public let differenceUnit: String
  /// Whether values of very different size are best drawn on a logarithmic axis.
  public let isLogarithmic: Bool
  /// What it rewards a controller with.
  public let reward: Reward

  /// Declares an objective.
  public init(
    id: String, name: String, measures: String, direction: Direction = .minimize,
    lowest: Double? = nil, highest: Double? = nil, unit: String = "", printedScale: Double = 1,
    decimals: Int = 2, differenceUnit: String, isLogarithmic: Bool = false, reward: Reward
  ) {
    self.id = id
    self.name = name
    self.measures = measures
    self.direction = direction
    self.lowest = lowest
    self.highest = highest
    self.unit = unit
    self.printedScale = printedScale
    self.decimals = decimals
    self.differenceUnit = differenceUnit
    self.isLogarithmic = isLogarithmic
    self.reward = reward
  }

  // MARK: Objectives of this project

  /// Share of examples classified wrongly, printed in percent.
  public static let classificationError = Objective(
    id: "classification-error", name: "error", measures: "share of examples classified wrongly",
    lowest: 0, highest: 1, unit: "%", printedScale: 100, differenceUnit: "points",
    reward: .complement)

  /// Perplexity a word of a language model: e to the mean cross-entropy in nats.
  public static let perplexity = Objective(
    id: "perplexity", name: "perplexity", measures: "e to the mean cross-entropy of a word in nats",
    lowest: 1, differenceUnit: "points", isLogarithmic: true,
    reward: .inverseSquare(constant: 80))

  /// Those that a file can name.
  public static let all = [classificationError, perplexity]

  /// The classification error that belongs to an accuracy in percent, as tables and papers print it.
  public static func classificationError(ofAccuracyInPercent accuracy: Double) -> Double {
    (100 - accuracy) / 100
  }
}

// MARK: Values

extension Objective {
  /// Whether a value can have been measured.
  public func accepts(_ value: Double) -> Bool {
    value.isFinite && value >= lowest ?? value && value <= highest ?? value
  }

  /// The values that can be measured, in words: `0 to 1`.
  public var rangeText: String {
    switch (lowest, highest) {
    case (let low?, let high?): "\(low.shortText) to \(high.shortText)"
    case (let low?, nil): "\(low.shortText) or more"
    case (nil, let high?): "\(high.shortText) or less"
    case (nil, nil): "a finite number"
    }
  }

  /// The value with its sign turned so that less is better, whatever the direction.
  public func loss(of value: Double) -> Double { direction == .minimize ? value : -value }

  /// Whether a value is better than another; any is better than none.
  public func isBetter(_ value: Double, than other: Double?) -> Bool {
    guard let other else { return true }
    return loss(of: value) < loss(of: other)
  }

  /// What a controller is rewarded with for a value.
  public func reward(of value: Double) -> Double {
    switch reward {
    case .complement: 1 - value
    case .inverseSquare(let constant): constant / (value * value)
    case .value: value
    case .opposite: -value
    }
  }

  /// What a method is told of a trial.
  ///
  /// - Parameter value: Its validation score; `nil` if the trial failed.
  public func observation(
    trial: Int, architecture: Architecture, value: Double?
  ) -> Observation {
    let reward = value.map { self.reward(of: $0) } ?? 0
    return Observation(
      trial: trial, architecture: architecture, loss: value.map { loss(of: $0) }, reward: reward,
      printedReward: printedScale * reward)
  }
}

// MARK: Words

extension Objective {
  /// What a score on a split is called: `validation error`.
  public func name(on split: Split) -> String { split.rawValue + " " + name }

  /// A value as it is printed, without the unit.
  public func printed(_ value: Double) -> Double { printedScale * value }

  /// A name with the unit behind it, for axes and heads of columns: `test error (%)`.
  public func labelled(_ name: String) -> String { unit.isEmpty ? name : "\(name) (\(unit))" }

  /// What the best of several is: `lowest`.
  public var superlative: String { direction == .minimize ? "lowest" : "highest" }
}
