import Foundation
import Synchronization

/// A small HTTP server on this machine that answers as a test says, one connection at a time.
final class LoopbackServer: Sendable {
  /// One answer.
  struct Answer: Sendable {
    var status = "200 OK"
    var headers: [String] = []
    var body: [UInt8] = []
    /// Bytes of the body that are sent before the connection is cut; `nil` for all.
    var cutAfter: Int?
  }

  /// What a client asked for.
  struct Request: Sendable {
    let path: String
    /// First byte asked for by `Range: bytes=N-`.
    let rangeStart: Int?
  }

  let port: UInt16
  private let descriptor: Int32
  private let seen = Mutex<[Request]>([])

  /// Starts to serve.
  ///
  /// - Parameter answer: From a request and the number of requests before it.
  init(_ answer: @escaping @Sendable (Request, Int) -> Answer) throws {
    let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listening, $0, length) == 0 && listen(listening, 8) == 0
          && getsockname(listening, $0, &length) == 0
      }
    }
    guard bound else { throw CocoaError(.fileReadUnknown) }
    descriptor = listening
    port = UInt16(bigEndian: address.sin_port)
    let thread = Thread { [weak self] in
      while true {
        let connection = accept(listening, nil, nil)
        guard connection >= 0, let server = self else {
          close(connection)
          return
        }
        server.serve(connection, answer)
        close(connection)
      }
    }
    thread.start()
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  /// What was asked for so far.
  var requests: [Request] { seen.withLock { $0 } }

  func url(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }

  private func serve(_ connection: Int32, _ answer: (Request, Int) -> Answer) {
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !text.contains("\r\n\r\n") {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
    let lines = text.components(separatedBy: "\r\n")
    let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
    let request = Request(
      path: lines[0].components(separatedBy: " ")[1],
      rangeStart: range.flatMap { Int($0.dropFirst(13).dropLast()) })
    let before = seen.withLock { requests in
      requests.append(request)
      return requests.count - 1
    }
    let reply = answer(request, before)
    let head =
      ["HTTP/1.1 \(reply.status)", "Content-Length: \(reply.body.count)", "Connection: close"]
      + reply.headers
    let sent = Array(head.joined(separator: "\r\n").utf8) + Array("\r\n\r\n".utf8)
    send(sent[...], connection)
    send(reply.body.prefix(reply.cutAfter ?? reply.body.count), connection)
  }

  private func send(_ bytes: ArraySlice<UInt8>, _ connection: Int32) {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
