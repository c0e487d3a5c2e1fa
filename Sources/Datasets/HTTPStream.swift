import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The answer to one HTTP request, as it arrives.
///
/// Redirects are not followed here: their answer is an event like any other, and the caller counts.
/// A server's bytes queue up in memory until they are taken; the caller stops when there are too many.
final class HTTPStream: NSObject, URLSessionDataDelegate {
  /// What arrived.
  enum Event: Sendable {
    /// Status and headers, with names in lower case.
    case response(status: Int, headers: [String: String])
    case data(Data)
    /// The connection ended: in order, or with what went wrong.
    case end(problem: String?)
  }

  private let continuation: AsyncStream<Event>.Continuation

  private init(_ continuation: AsyncStream<Event>.Continuation) {
    self.continuation = continuation
  }

  /// Starts a request; giving up the stream cancels it.
  ///
  /// - Parameter timeoutSeconds: Longest silence of the server.
  static func open(_ request: URLRequest, timeoutSeconds: Double) -> AsyncStream<Event> {
    AsyncStream { continuation in
      let configuration = URLSessionConfiguration.ephemeral
      configuration.timeoutIntervalForRequest = timeoutSeconds
      let session = URLSession(
        configuration: configuration, delegate: HTTPStream(continuation), delegateQueue: nil)
      let task = session.dataTask(with: request)
      continuation.onTermination = { _ in session.invalidateAndCancel() }
      task.resume()
    }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping (URLRequest?) -> Void
  ) {
    // Foundation traps if the session is cancelled before it has seen this answer: the stream goes
    // on to its end, and nobody gives it up before.
    completionHandler(nil)
    continuation.yield(Self.event(response))
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    completionHandler(.allow)
    if let response = response as? HTTPURLResponse { continuation.yield(Self.event(response)) }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    continuation.yield(.data(data))
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    continuation.yield(.end(problem: error.map { Self.oneLine($0) }))
    continuation.finish()
  }

  private static func event(_ response: HTTPURLResponse) -> Event {
    var headers: [String: String] = [:]
    for (name, value) in response.allHeaderFields {
      headers["\(name)".lowercased()] = "\(value)"
    }
    return .response(status: response.statusCode, headers: headers)
  }

  private static func oneLine(_ error: any Error) -> String {
    error.localizedDescription.split(whereSeparator: { $0.isNewline }).joined(separator: " ")
  }
}
