import Dispatch
import Experiments
import Foundation

/// Turns Ctrl-C, a polite kill and the end of the terminal into a request to stop at the next step
/// boundary.
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
    // A terminal that goes away is a polite kill, but where somebody asked that it be none (nohup).
    let numbers = [SIGINT, SIGTERM] + (Self.isIgnored(SIGHUP) ? [] : [SIGHUP])
    sources = numbers.map { number in
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

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    // The handler comes first; `SIG_IGN` is 1, which is no function that could be compared.
    return withUnsafeBytes(of: action) { $0.load(as: Int.self) } == 1
  }
}
