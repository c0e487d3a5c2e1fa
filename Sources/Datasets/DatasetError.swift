import StrictYAML

/// What went wrong with data that came from outside, as one line for the person at the keyboard.
///
/// Every description says what and where, what was found and what was expected, and, where there is
/// one, the next command to type.
public enum DatasetError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A manifest that cannot be used.
  case manifest(YAMLError)
  /// No manifest has this name; the nearest one that there is, if any is near.
  case unknownDataset(name: String, nearest: String?, known: [String])
  /// The dataset is known, but its files are not in the cache.
  case absent(name: String, advice: String)
  /// A file in the cache is not what the manifest says.
  case damaged(name: String, file: String, problem: String, advice: String)
  /// The dataset has another decoder than the one asked for.
  case wrongKind(name: String, found: String, expected: String)
  /// A file of an archive could not be had from any of its addresses; `typed` stands for the dataset
  /// in a command.
  case download(name: String, typed: String, file: String, problem: String)
  /// An archive or a folder that was refused; nothing was written.
  case archive(file: String, problem: String)
  /// A file whose content is not what its decoder reads; records count from 1.
  case record(file: String, record: Int?, found: String, expected: String)
  /// A text whose words or lines are not what its decoder reads; lines count from 1.
  case text(file: String, line: Int?, found: String, expected: String)
  /// The file system refused.
  case fileSystem(path: String, problem: String)
  /// A split or a limit that the data cannot give.
  case split(problem: String)

  public var description: String {
    switch self {
    case .manifest(let error):
      return error.description
    case .unknownDataset(let name, let nearest, let known):
      if let nearest { return "unknown dataset '\(name)'; did you mean '\(nearest)'?" }
      return "unknown dataset '\(name)'; there are: \(known.joined(separator: ", "))"
    case .absent(let name, let advice):
      return "dataset '\(name)' is not here; \(advice)"
    case .damaged(let name, let file, let problem, let advice):
      return "dataset '\(name)' is damaged: \(file): \(problem); \(advice)"
    case .wrongKind(let name, let found, let expected):
      return "dataset '\(name)' has decoder \(found), expected \(expected)"
    case .download(let name, let typed, let file, let problem):
      return "cannot fetch \(file) of '\(name)': \(problem); get it by other means and run "
        + "`searchlight data import \(typed) \(file)`"
    case .archive(let file, let problem):
      return "\(file): \(problem)"
    case .record(let file, let record, let found, let expected):
      let place = record.map { "\(file), record \($0)" } ?? file
      return "\(place): found \(found), expected \(expected)"
    case .text(let file, let line, let found, let expected):
      let place = line.map { "\(file), line \($0)" } ?? file
      return "\(place): found \(found), expected \(expected)"
    case .fileSystem(let path, let problem):
      return "\(path): \(problem)"
    case .split(let problem):
      return problem
    }
  }
}
