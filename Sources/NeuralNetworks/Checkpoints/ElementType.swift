/// How a checkpoint stores the values of an array.
enum ElementType: String, CaseIterable {
  case float = "FloatStorage"
  case half = "HalfStorage"
  case bfloat16 = "BFloat16Storage"
  case double = "DoubleStorage"
  case long = "LongStorage"
  case int = "IntStorage"
  case short = "ShortStorage"
  case char = "CharStorage"
  case byte = "ByteStorage"
  case bool = "BoolStorage"

  /// The type behind a name of PyTorch's, `torch.FloatStorage`.
  init?(pyTorch name: String) {
    guard name.hasPrefix("torch.") else { return nil }
    self.init(rawValue: String(name.dropFirst(6)))
  }

  /// The type behind a name of the safetensors format.
  init?(safetensors name: String) {
    switch name {
    case "F32": self = .float
    case "F16": self = .half
    case "BF16": self = .bfloat16
    case "F64": self = .double
    case "I64": self = .long
    case "I32": self = .int
    case "I16": self = .short
    case "I8": self = .char
    case "U8": self = .byte
    case "BOOL": self = .bool
    default: return nil
    }
  }

  /// Bytes of one value.
  var size: Int {
    switch self {
    case .double, .long: 8
    case .float, .int: 4
    case .half, .bfloat16, .short: 2
    case .char, .byte, .bool: 1
    }
  }

  /// Whether values are weights rather than counters.
  var isReal: Bool { [.float, .half, .bfloat16, .double].contains(self) }

  /// Values as floats; those of doubles are rounded.
  ///
  /// - Precondition: The range holds whole values, and the type is real.
  func floats(_ bytes: [UInt8], _ range: Range<Int>) -> [Float] {
    stride(from: range.lowerBound, to: range.upperBound, by: size).map { position in
      var bits: UInt64 = 0
      for index in 0..<size { bits |= UInt64(bytes[position + index]) << (8 * index) }
      switch self {
      case .half: return Self.half(UInt16(truncatingIfNeeded: bits))
      case .bfloat16: return Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16)
      case .double: return Float(Double(bitPattern: bits))
      default: return Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      }
    }
  }

  /// An IEEE 754 half: 1 sign, 5 exponent and 10 fraction bits; every one is a float exactly.
  static func half(_ bits: UInt16) -> Float {
    let sign: Float = bits >> 15 == 1 ? -1 : 1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default:
      return sign * (1 + fraction * 0x1p-10)
        * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }
}
