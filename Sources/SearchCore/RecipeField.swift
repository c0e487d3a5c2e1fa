/// A number of a recipe: its key, its range and what it means, said once.
///
/// Suites are read and locked by the table `RecipeField.all`; reports, help and the schema for
/// editors say what it says.
public struct RecipeField: Sendable {
  /// Key in suites, lower kebab case.
  public let key: String
  /// What it is, as the rest of a sentence.
  public let words: String
  /// Unit of a number; `nil` if it has none.
  public let unit: String?
  /// Who introduced it, by arXiv id; `nil` for what every training has.
  public let source: String?
  /// Where in a study it stands.
  public let place: Place
  /// Which recipes it goes with.
  package let condition: Condition
  package let value: Value

  /// Where in a study a field stands.
  public enum Place: Sendable {
    /// Under `recipe` and `final-recipe`.
    case recipe
    /// Under `scale` and `final-scale`: the size of the networks.
    case size
    /// Under `scale` alone: what all methods of a study have in common.
    case data
  }

  /// Which recipes a field goes with.
  package enum Condition: Sendable {
    case always
    case images
    case text
    /// Those for which a fact holds; in words, what the field does not go without.
    case with(String, @Sendable (TrainingProtocol) -> Bool)
  }

  /// Where a value is kept, and what it may be.
  package enum Value: Sendable {
    case integer(WritableKeyPath<TrainingProtocol, Int> & Sendable, ClosedRange<Int>)
    case number(WritableKeyPath<TrainingProtocol, Double> & Sendable, ClosedRange<Double>)
    case boolean(WritableKeyPath<TrainingProtocol, Bool> & Sendable)
    /// `none` in suites if there is no value.
    case optionalInteger(WritableKeyPath<TrainingProtocol, Int?> & Sendable, ClosedRange<Int>)
    case optionalNumber(WritableKeyPath<TrainingProtocol, Double?> & Sendable, ClosedRange<Double>)
    /// A list of them, ascending; it may be empty.
    case integers(WritableKeyPath<TrainingProtocol, [Int]> & Sendable, ClosedRange<Int>)
    case choice(
      [String], read: @Sendable (TrainingProtocol) -> String,
      write: @Sendable (inout TrainingProtocol, String) -> Void)

    /// One of the names of an enumeration.
    static func choice<Name: RawRepresentable & CaseIterable & Sendable>(
      _ path: WritableKeyPath<TrainingProtocol, Name> & Sendable
    ) -> Value where Name.RawValue == String {
      .choice(
        Name.allCases.map(\.rawValue), read: { $0[keyPath: path].rawValue },
        write: { recipe, name in
          if let value = Name(rawValue: name) { recipe[keyPath: path] = value }
        })
    }
  }

  init(
    _ key: String, _ value: Value, _ words: String, unit: String? = nil, source: String? = nil,
    place: Place = .recipe, for condition: Condition = .always
  ) {
    self.key = key
    self.value = value
    self.words = words
    self.unit = unit
    self.source = source
    self.place = place
    self.condition = condition
  }

  /// The value that a recipe has, as suites write it.
  public func text(in recipe: TrainingProtocol) -> String {
    switch value {
    case .integer(let path, _): "\(recipe[keyPath: path])"
    case .number(let path, _): recipe[keyPath: path].shortText
    case .boolean(let path): "\(recipe[keyPath: path])"
    case .optionalInteger(let path, _): recipe[keyPath: path].map { "\($0)" } ?? "none"
    case .optionalNumber(let path, _): recipe[keyPath: path].map(\.shortText) ?? "none"
    case .integers(let path, _):
      "[\(recipe[keyPath: path].map(String.init).joined(separator: ", "))]"
    case .choice(_, let read, _): read(recipe)
    }
  }

  /// Whether a recipe leaves out what the field is about.
  public func isOff(in recipe: TrainingProtocol) -> Bool {
    ["0", "false", "none", "[]"].contains(text(in: recipe))
  }

  /// Why a recipe cannot have the field, as the rest of a sentence; `nil` if it can.
  public func objection(in recipe: TrainingProtocol) -> String? {
    switch condition {
    case .images where recipe.text != nil:
      "does not go with recipe '\(recipe.recipe)', which trains language models"
    case .text where recipe.text == nil:
      "does not go with recipe '\(recipe.recipe)', which trains image networks"
    case .with(let need, let holds) where !holds(recipe): "does not go without \(need)"
    default: nil
    }
  }

  /// What the value may be, in words: `an integer from 1 to 100`.
  public var expected: String {
    switch value {
    case .integer(_, let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .number(_, let range):
      "a number from \(range.lowerBound.shortText) to \(range.upperBound.shortText)"
    case .boolean: "true or false"
    case .optionalInteger(_, let range):
      "none, or an integer from \(range.lowerBound) to \(range.upperBound)"
    case .optionalNumber(_, let range):
      "none, or a number from \(range.lowerBound.shortText) to \(range.upperBound.shortText)"
    case .integers(_, let range):
      "a list of integers from \(range.lowerBound) to \(range.upperBound), ascending"
    case .choice(let names, _, _): names.joined(separator: ", ")
    }
  }

  /// What the field is for, as a line of help.
  public var help: String {
    let serves =
      switch condition {
      case .always: ""
      case .images: "images: "
      case .text: "text: "
      case .with(let need, _): "with \(need): "
      }
    let notes = [unit.map { "in \($0)" }, expected, source.map { "arXiv \($0)" }]
    return serves + words + " (" + notes.compactMap(\.self).joined(separator: "; ") + ")"
  }
}
