import ArgumentParser
import Foundation

/// A command that cannot go on, as one line for the person at the keyboard.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// Runs a command's body; an error becomes one line `searchlight: …` on standard error, and a
  /// non-zero exit.
  static func reporting<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let code as ExitCode {
      throw code
    } catch {
      FileHandle.standardError.write(Data("searchlight: \(error)\n".utf8))
      throw ExitCode.failure
    }
  }
}
