import Checks

/// What a suite says of a search method: its name and what may be set.
///
/// There are two kinds of methods: a `SearchMethod` proposes architectures that are trained one by
/// one, a `OneShotMethod` trains weights that all architectures share.
public protocol MethodDescription: SendableMetatype {
  /// Stable id, lower kebab case.
  static var name: String { get }

  /// What a suite may set, with the defaults of the paper.
  static var settings: [MethodSetting] { get }

  /// Settings that belong together under a name, where sources differ; sorted by name.
  static var presets: [MethodPreset] { get }

  /// Whether it is the search without learning that reports measure the others against.
  static var isBaseline: Bool { get }
}

extension MethodDescription {
  public static var presets: [MethodPreset] { [] }
  public static var isBaseline: Bool { false }
}

/// Settings of a method as one source has them.
public struct MethodPreset: Hashable, Codable, Sendable {
  /// Stable id, lower kebab case: `released-micro`.
  public let name: String
  /// Values that differ from the defaults, by setting.
  public let values: [String: Double]
  /// Where the values come from.
  public let source: String

  public init(name: String, values: [String: Double], source: String) {
    self.name = name
    self.values = values
    self.source = source
  }
}

/// A number that a suite may set for a method.
public struct MethodSetting: Hashable, Codable, Sendable {
  /// Stable id, lower kebab case: `population-size`.
  public let name: String
  public let defaultValue: Double
  /// Values that make sense.
  public let range: ClosedRange<Double>
  /// Whether the value is a count.
  public let isInteger: Bool
  /// Where the default comes from.
  public let source: String

  public init(
    name: String, defaultValue: Double, range: ClosedRange<Double>, isInteger: Bool = false,
    source: String
  ) {
    self.name = name
    self.defaultValue = defaultValue
    self.range = range
    self.isInteger = isInteger
    self.source = source
  }
}

/// The values of a method's settings: the defaults, with what a suite changes.
public struct MethodSettings: Hashable, Codable, Sendable {
  public let values: [String: Double]

  /// Takes the defaults and replaces some of them.
  public init(of settings: [MethodSetting], replacing changes: [String: Double] = [:]) {
    var values: [String: Double] = [:]
    for setting in settings { values[setting.name] = changes[setting.name] ?? setting.defaultValue }
    self.values = values
  }

  /// The value of a declared setting.
  ///
  /// - Precondition: The method declares a setting of this name.
  public subscript(name: String) -> Double {
    require(values[name], "setting '\(name)' is not declared")
  }
}
