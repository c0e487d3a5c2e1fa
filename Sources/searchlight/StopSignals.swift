import Dispatch
import Experiments
import Foundation

/// Turns Ctrl-C and a polite kill into a request to stop at the next step boundary.
struct StopSignals {
  /// Raised by the first signal.
  let flag = StopFlag()
  // Sources stop listening when they are released.
  private let sources: [any DispatchSourceSignal]

  /// Starts to listen.
  init() {
    let flag = flag
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { flag.raise() }
      source.resume()
      return source
    }
  }
}
