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
  ///
  /// - Parameter endsWithInput: Whether the end of standard input stops the work too: the process
  ///   that started this one holds the other end, and is gone then.
  init(endsWithInput: Bool = false) {
    let flag = flag
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { flag.raise() }
      source.resume()
      return source
    }
    if endsWithInput {
      // A thread of its own that does nothing but wait.
      Thread.detachNewThread {
        var byte: UInt8 = 0
        var count = 0
        repeat { count = read(0, &byte, 1) } while count > 0 || (count < 0 && errno == EINTR)
        flag.raise()
      }
    }
  }
}
