import Randomness

/// One image of shapes10: what is drawn, back to front.
///
/// Lengths are in 1/256 pixel, colours in 8 levels a channel.
struct Shapes10Scene {
  typealias Colour = SIMD3<Int>

  /// The outlines that tell half of the class.
  enum Shape: Int {
    case disk, square, triangle, cross, ring
  }

  /// A place with a direction.
  private struct Frame {
    let x: Int
    let y: Int
    /// Cosine and sine, times 1024.
    let cosine: Int
    let sine: Int

    /// A pixel's centre seen from the place, along and across the direction.
    func coordinates(_ column: Int, _ row: Int) -> (u: Int, v: Int) {
      let dx = column * 256 + 128 - x
      let dy = row * 256 + 128 - y
      return ((dx * cosine + dy * sine) >> 10, (dy * cosine - dx * sine) >> 10)
    }
  }

  /// A small thing that is not the subject.
  private struct Clutter {
    let frame: Frame
    let shape: Shape
    let radius: Int
    let colour: Colour
  }

  private let shape: Shape
  private let isChecked: Bool
  private let radius: Int
  private let object: Frame
  private let texture: Frame
  private let halfPeriod: Int
  private let inks: (Colour, Colour)
  private let shade: Frame
  private let background: (Colour, Colour)
  private let clutter: [Clutter]
  private let bar: (frame: Frame, halfWidth: Int, colour: Colour)?
  private let noise: [Int: Colour]

  /// Draws all that the image depends on.
  init(label: Int, key: RandomKey) {
    var generator = key.generator()
    shape = Shape(rawValue: label / 2) ?? .disk
    isChecked = label % 2 == 1
    radius = 256 * 8 + generator.integer(below: 256 * 4)
    object = Self.frame(reach: 256 * 2, turns: 32, &generator)
    texture = Self.frame(reach: 256 * 3, turns: 32, &generator)
    halfPeriod = 512 + generator.integer(below: 256)
    let base = Self.colour(levels: 5, &generator)
    background = (base, Self.shifted(base, by: 2, &generator))
    shade = Self.frame(reach: 256 * 8, &generator)
    inks = Self.inks(on: base, &generator)
    clutter = (0..<generator.integer(below: 3)).map { _ in
      Clutter(
        frame: Self.frame(reach: 256 * 16, &generator),
        shape: generator.bernoulli(0.5) ? .disk : .square,
        radius: 384 + generator.integer(below: 640), colour: Self.colour(&generator))
    }
    bar =
      generator.bernoulli(0.25)
      ? (
        Self.frame(reach: 256 * 8, &generator),
        192 + generator.integer(below: 256), Self.colour(&generator)
      ) : nil
    noise = Self.noise(&generator)
  }

  /// The colour of each pixel, row by row.
  func render() -> [Colour] {
    var image: [Colour] = []
    image.reserveCapacity(Shapes10Generator.edge * Shapes10Generator.edge)
    for row in 0..<Shapes10Generator.edge {
      for column in 0..<Shapes10Generator.edge {
        var colour = colour(column, row)
        if let change = noise[image.count] {
          colour = (colour &+ change).clamped(
            lowerBound: Colour(repeating: 0), upperBound: Colour(repeating: 7))
        }
        image.append(colour)
      }
    }
    return image
  }

  private func colour(_ column: Int, _ row: Int) -> Colour {
    if let bar {
      let (_, v) = bar.frame.coordinates(column, row)
      if abs(v) <= bar.halfWidth { return bar.colour }
    }
    let (u, v) = object.coordinates(column, row)
    if Self.covers(shape, radius, u, v) {
      let (s, t) = texture.coordinates(column, row)
      let cell =
        Self.floorDivided(s, halfPeriod) + (isChecked ? Self.floorDivided(t, halfPeriod) : 0)
      return cell & 1 == 0 ? inks.0 : inks.1
    }
    for thing in clutter {
      let (u, v) = thing.frame.coordinates(column, row)
      if Self.covers(thing.shape, thing.radius, u, v) { return thing.colour }
    }
    return shade.coordinates(column, row).u < 0 ? background.0 : background.1
  }

  /// Whether a point lies in a shape; the shapes of one radius have about the same area.
  private static func covers(_ shape: Shape, _ radius: Int, _ u: Int, _ v: Int) -> Bool {
    switch shape {
    case .disk:
      return u * u + v * v <= radius * radius
    case .square:
      let half = radius * 227 / 256
      return abs(u) <= half && abs(v) <= half
    case .triangle:
      let reach = radius * 380 / 256
      // 1774 / 1024 is the square root of 3.
      return v >= -reach / 2 && v + abs(u) * 1774 / 1024 <= reach
    case .cross:
      let long = radius * 300 / 256
      let short = radius * 110 / 256
      return (abs(u) <= long && abs(v) <= short) || (abs(v) <= long && abs(u) <= short)
    case .ring:
      let outer = radius * 290 / 256
      let inner = radius * 135 / 256
      let square = u * u + v * v
      return square <= outer * outer && square >= inner * inner
    }
  }

  private static func floorDivided(_ value: Int, _ divisor: Int) -> Int {
    value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
  }

  /// A place at most `reach` from the middle, turned by at most half of `turns` / 256 of a circle.
  private static func frame(
    reach: Int, turns: Int = 256, _ generator: inout KeyedGenerator
  ) -> Frame {
    let x = 16 * 256 - reach + generator.integer(below: 2 * reach)
    let y = 16 * 256 - reach + generator.integer(below: 2 * reach)
    let turn = (generator.integer(below: turns) - turns / 2) & 255
    return Frame(x: x, y: y, cosine: cosines[turn], sine: cosines[(turn + 192) & 255])
  }

  /// Cosines of 256 angles around the circle, times 1024.
  private static let cosines: [Int] = (0..<256).map { step in
    Int((1024 * PortableMath.cos(2 * Double.pi * Double(step) / 256)).rounded())
  }

  private static func colour(
    levels: Int = 8, _ generator: inout KeyedGenerator
  ) -> Colour {
    Colour(
      generator.integer(below: levels), generator.integer(below: levels),
      generator.integer(below: levels))
  }

  private static func shifted(
    _ colour: Colour, by reach: Int, _ generator: inout KeyedGenerator
  ) -> Colour {
    let change = Colour(
      generator.integer(below: 2 * reach + 1) - reach,
      generator.integer(below: 2 * reach + 1) - reach,
      generator.integer(below: 2 * reach + 1) - reach)
    return (colour &+ change).clamped(
      lowerBound: Colour(repeating: 0), upperBound: Colour(repeating: 7))
  }

  /// Two colours that differ from each other and from the background; nine times in ten
  /// they are the brighter ones, so that a linear model has something to go by.
  private static func inks(
    on background: Colour, _ generator: inout KeyedGenerator
  ) -> (Colour, Colour) {
    let brighter = generator.bernoulli(0.9)
    var pair = (colour(&generator), colour(&generator))
    // A fixed number of tries keeps the draw finite whatever the background.
    for _ in 0..<64 {
      let sum = pair.0.wrappedSum() + pair.1.wrappedSum() - 2 * background.wrappedSum()
      if distance(pair.0, pair.1) >= 9, distance(pair.0, background) >= 5,
        distance(pair.1, background) >= 5, (sum > 0) == brighter
      {
        break
      }
      pair = (colour(&generator), colour(&generator))
    }
    return pair
  }

  private static func distance(_ first: Colour, _ second: Colour) -> Int {
    let change = first &- second
    return abs(change.x) + abs(change.y) + abs(change.z)
  }

  private static func noise(_ generator: inout KeyedGenerator) -> [Int: Colour] {
    var noise: [Int: Colour] = [:]
    for _ in 0..<16 {
      let place = generator.integer(below: Shapes10Generator.edge * Shapes10Generator.edge)
      let change = generator.bernoulli(0.5) ? 2 : -2
      noise[place] = Colour(repeating: change)
    }
    return noise
  }
}
