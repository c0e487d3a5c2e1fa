import ArgumentParser
import Experiments
import Foundation

/// A failure that is reported to the user as one line.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// Runs a command's work; whatever it throws becomes one line on standard error and exit code 1.
  static func reporting<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let code as ExitCode {
      throw code
    } catch {
      throw report(error)
    }
  }

  /// Says an error in one line.
  static func report(_ error: any Error) -> ExitCode {
    Output.say(words(error)) ? ExitCode.failure : ExitCode(WorkerExit.unsaidCode)
  }

  /// What an error says: ours are sentences, those of the system have to be asked.
  private static func words(_ error: any Error) -> String {
    guard error is CocoaError || error is POSIXError || type(of: error) == NSError.self else {
      return "\(error)"
    }
    let facts = error as NSError
    let place = facts.userInfo[NSFilePathErrorKey] as? String
    let reason = (facts.userInfo[NSUnderlyingErrorKey] as? any Error) ?? error
    let words = reason.localizedDescription
    return place.map { "\($0): \(words)" } ?? words
  }
}
