import Foundation

/// A terminal of our own to start the program on, and what is to be seen on it.
final class PseudoTerminal {
  private let main: Int32
  private let other: Int32
  /// Everything that was printed on it.
  private(set) var printed = ""
  private var isGone = false

  /// Opens a terminal; `nil` where the system has none.
  init?(columns: Int, rows: Int) {
    // What `posix_openpt`, `unlockpt` and `ptsname` do, which Swift does not see here.
    main = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (number, unlocked): (Int32, Int32) = (0, 0)
    let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
    guard main >= 0, ioctl(main, setLock, &unlocked) == 0, ioctl(main, getNumber, &number) == 0
    else { return nil }
    other = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard other >= 0 else { return nil }
    resize(columns: columns, rows: rows)
  }

  deinit {
    if !isGone { close(main) }
    close(other)
  }

  /// Goes away, as when its window is closed.
  func hangUp() {
    isGone = true
    close(main)
  }

  func resize(columns: Int, rows: Int) {
    var size = winsize(
      ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(main, UInt(TIOCSWINSZ), &size)
  }

  /// Runs a program to its end with this as its outputs, and gives its exit code.
  ///
  /// - Parameter watch: Told of what was printed so far, again and again.
  func run(
    _ program: URL, _ arguments: [String], _ environment: [String: String],
    watch: (PseudoTerminal) -> Void = { _ in }
  ) throws -> Int32 {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(fileDescriptor: other, closeOnDealloc: false)
    process.standardError = process.standardOutput
    try process.run()
    var bytes: [UInt8] = []
    while !isGone {
      let isRunning = process.isRunning
      var waiting = pollfd(fd: main, events: Int16(POLLIN), revents: 0)
      if poll(&waiting, 1, 50) > 0 {
        var piece = [UInt8](repeating: 0, count: 4096)
        let count = read(main, &piece, piece.count)
        if count > 0 { bytes += piece[..<count] }
        printed = String(decoding: bytes, as: UTF8.self)
        watch(self)
      } else if !isRunning {
        break
      }
    }
    process.waitUntilExit()
    return process.terminationStatus
  }
}

/// A screen that does what terminals do with the codes that the program knows, and refuses others.
struct Screen {
  /// Rows from the first one that was ever written, those that were scrolled away too.
  private(set) var rows: [[Character]] = [[]]
  private(set) var unknownCodes: [String] = []
  private let columns: Int
  private var row = 0
  private var column = 0

  init(columns: Int, _ text: String) {
    self.columns = columns
    var rest = Substring(text.replacing("\r\n", with: "\r\u{0}\n"))
    while let character = rest.popFirst() {
      switch character {
      case "\u{0}": break
      case "\r": column = 0
      case "\n": down()
      case "\u{1B}": code(&rest)
      default: put(character)
      }
    }
  }

  var lines: [String] {
    rows.map { String($0).replacing(/[ ]+$/, with: "") }
  }

  private mutating func down() {
    row += 1
    if row == rows.count { rows.append([]) }
  }

  private mutating func put(_ character: Character) {
    if column == columns {
      down()
      column = 0
    }
    while rows[row].count <= column { rows[row].append(" ") }
    rows[row][column] = character
    column += 1
  }

  private mutating func code(_ rest: inout Substring) {
    let parameters = rest.dropFirst().prefix { $0.isNumber || $0 == ";" }
    let code = rest.prefix(parameters.count + 2)
    rest = rest.dropFirst(code.count)
    switch (code.last, parameters) {
    case ("A", _): row = max(0, row - (Int(parameters) ?? 1))
    case ("K", "2"): rows[row] = []
    case ("K", ""): rows[row] = Array(rows[row].prefix(column))
    case ("J", ""):
      rows[row] = Array(rows[row].prefix(column))
      rows.removeLast(rows.count - row - 1)
    default: unknownCodes.append(String(code))
    }
  }
}
