import SearchCore

/// The method of a run that searches nothing: its architecture is given.
public enum GivenArchitecture: MethodDescription {
  public static let name = "given"
  public static let settings: [MethodSetting] = []
}
