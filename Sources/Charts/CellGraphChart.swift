/// A cell as a directed acyclic graph: nodes from left to right, operations on the edges.
///
/// Nodes stand in topological order on one line. An edge to the next node is straight; every
/// other edge runs in a lane of its own above or below, as far out as it must to share its lane
/// with no other edge, and its label lies in a gap between two nodes, where no edge rises or
/// falls. So labels overlap neither each other nor a node, whatever the cell.
public struct CellGraphChart: Chart {
  /// An edge and what happens on it.
  public struct Edge: Hashable, Sendable {
    /// Index of the node the edge leaves.
    public let source: Int
    /// Index of the node the edge enters.
    public let target: Int
    /// Empty if the edge only carries a value.
    public let label: String

    public init(source: Int, target: Int, label: String) {
      self.source = source
      self.target = target
      self.label = label
    }
  }

  /// What is shown, in one line above the drawing.
  public let title: String
  /// Names in topological order.
  public let nodes: [String]
  /// Edges from a node to a later one.
  public let edges: [Edge]

  /// Takes a graph.
  ///
  /// - Parameters:
  ///   - nodes: Names in topological order.
  ///   - edges: Each from a node to a later one; edges that are not are left out.
  public init(title: String, nodes: [String], edges: [Edge]) {
    self.title = title
    self.nodes = nodes
    self.edges = edges.filter {
      $0.source >= 0 && $0.source < $0.target && $0.target < nodes.count
    }
  }

  /// Where an edge runs: 0 straight, 1 and more above, -1 and less below.
  private struct Lane {
    let edge: Edge
    let level: Int
  }

  private static let laneHeight = 17.0
  private static let nodeHeight = 18.0

  public func height(forWidth width: Double) -> Double {
    let levels = lanes.map(\.level)
    let extent = (levels.max() ?? 0) - (levels.min() ?? 0)
    return Self.nodeHeight + 20 + Self.laneHeight * Double(extent)
  }

  /// Lanes, short edges first and alternating above and below.
  private var lanes: [Lane] {
    let order = edges.indices.sorted { first, second in
      let (a, b) = (edges[first], edges[second])
      return (a.target - a.source, a.source, first) < (b.target - b.source, b.source, second)
    }
    var lanes: [Lane] = []
    for index in order {
      let edge = edges[index]
      func isFree(_ level: Int) -> Bool {
        !lanes.contains { lane in
          lane.level == level && edge.source < lane.edge.target && lane.edge.source < edge.target
        }
      }
      let candidates = (0...edges.count).flatMap { $0 == 0 ? [0] : [$0, -$0] }
      let allowed = candidates.filter { $0 != 0 || edge.target == edge.source + 1 }
      lanes.append(Lane(edge: edge, level: allowed.first(where: isFree) ?? edges.count + 1))
    }
    return lanes
  }

  public func draw(on canvas: Canvas, in frame: Rectangle) {
    let layout = Layout(chart: self, canvas: canvas, frame: frame)
    for lane in lanes { draw(lane, on: canvas, layout) }
    for lane in lanes where !lane.edge.label.isEmpty { drawLabel(of: lane, on: canvas, layout) }
    for (index, node) in nodes.enumerated() {
      let box = layout.boxes[index]
      canvas.fill(box, Color(0xEAF1F7))
      canvas.stroke(box, Stroke(.ink, width: 0.8))
      canvas.text(
        node, at: Point(box.x + box.width / 2, box.y + box.height / 2 + layout.font.size * 0.36),
        layout.font, anchor: .middle)
    }
  }

  /// Boxes of the nodes and the scale that makes them fit.
  private struct Layout {
    let font: Font
    let boxes: [Rectangle]
    let middle: Double

    init(chart: CellGraphChart, canvas: Canvas, frame: Rectangle) {
      let base = ChartFont.label
      let nodeWidths = chart.nodes.map { max(28, canvas.width(of: $0, base) + 12) }
      let widestLabel = chart.edges.map { canvas.width(of: $0.label, base) }.max() ?? 0
      let gaps = Double(max(0, chart.nodes.count - 1))
      // 34: the arrow's head, and the ends of the curves on both sides of a label.
      let natural = nodeWidths.reduce(0, +) + gaps * (widestLabel + 34)
      let scale = min(1, (frame.width - 1) / max(natural, 1))
      let spare = gaps == 0 ? 0 : max(0, frame.width - natural) / gaps
      let gap = (widestLabel + 34) * scale + min(spare, 50)
      font = Font(base.size * scale)
      let used = nodeWidths.reduce(0, +) * scale + gaps * gap
      let levels = chart.lanes.map(\.level)
      let above = Double(max(0, levels.max() ?? 0)) * CellGraphChart.laneHeight
      let center = frame.y + 10 + above + CellGraphChart.nodeHeight / 2
      middle = center
      var x = frame.x + (frame.width - used) / 2
      boxes = nodeWidths.map { width in
        defer { x += width * scale + gap }
        return Rectangle(
          x: x, y: center - CellGraphChart.nodeHeight / 2, width: width * scale,
          height: CellGraphChart.nodeHeight)
      }
    }

    func height(of level: Int) -> Double {
      let sign = level > 0 ? -1.0 : 1.0
      return level == 0
        ? middle
        : middle + sign
          * (CellGraphChart.nodeHeight / 2 + CellGraphChart.laneHeight * Double(level.magnitude)
            - 6)
    }
  }

  private func draw(_ lane: Lane, on canvas: Canvas, _ layout: Layout) {
    let source = layout.boxes[lane.edge.source]
    let target = layout.boxes[lane.edge.target]
    // An operation that passes nothing on is drawn, but faintly.
    let isNone = lane.edge.label == "none"
    let stroke = Stroke(isNone ? Color(0xA8A8A8) : .ink, width: 0.9, dash: isNone ? [3, 2] : [])
    let y = layout.height(of: lane.level)
    var path = Path()
    if lane.level == 0 {
      path.move(to: Point(source.right, y))
      path.line(to: Point(target.x - 4, y))
      canvas.stroke(path, stroke)
      arrow(at: Point(target.x, y), from: Point(-1, 0), stroke.color, on: canvas)
      return
    }
    let up = lane.level > 0
    let edgeY = up ? source.y : source.bottom
    let start = Point(
      source.x + source.width / 2 * (1 + port(of: lane) { $0.edge.source }), edgeY)
    let end = Point(target.x + target.width / 2 * (1 - port(of: lane) { $0.edge.target }), edgeY)
    let bend = min(9.0, (y - edgeY).magnitude)
    let signed = up ? -bend : bend
    path.move(to: start)
    path.line(to: Point(start.x, y - signed))
    path.curve(
      to: Point(start.x + 9, y), control1: Point(start.x, y), control2: Point(start.x, y))
    path.line(to: Point(end.x - 9, y))
    let tip = up ? -4.0 : 4.0
    path.curve(to: Point(end.x, y - signed), control1: Point(end.x, y), control2: Point(end.x, y))
    path.line(to: Point(end.x, edgeY + tip))
    canvas.stroke(path, stroke)
    arrow(at: end, from: Point(0, up ? -1 : 1), stroke.color, on: canvas)
  }

  /// Where an edge meets a node: 0 is the node's middle, 1 its corner.
  ///
  /// Outer lanes meet it nearer to the middle, so that edges do not cross at their ends.
  private func port(of lane: Lane, at node: (Lane) -> Int) -> Double {
    let sameSide = lanes.filter { other in
      node(other) == node(lane) && other.level.signum() == lane.level.signum()
    }
    let outer = sameSide.filter { $0.level.magnitude > lane.level.magnitude }
    return Double(outer.count + 1) / Double(sameSide.count + 1)
  }

  private func arrow(at tip: Point, from direction: Point, _ color: Color, on canvas: Canvas) {
    let back = Point(tip.x + 5 * direction.x, tip.y + 5 * direction.y)
    let side = Point(2.2 * direction.y, 2.2 * direction.x)
    canvas.fill(
      Path(
        through: [
          tip, Point(back.x + side.x, back.y + side.y), Point(back.x - side.x, back.y - side.y),
        ], closed: true), color)
  }

  private func drawLabel(of lane: Lane, on canvas: Canvas, _ layout: Layout) {
    let box = labelBox(of: lane, on: canvas, layout)
    canvas.fill(box, .white)
    canvas.text(
      lane.edge.label, at: Point(box.x + 2, box.y + box.height / 2 + layout.font.size * 0.36),
      layout.font, color: lane.edge.label == "none" ? .gray : .ink)
  }

  private func labelBox(of lane: Lane, on canvas: Canvas, _ layout: Layout) -> Rectangle {
    // The middle gap of the span: between two nodes, never above one.
    let gap = lane.edge.source + (lane.edge.target - lane.edge.source - 1) / 2
    let left = layout.boxes[gap].right
    let right = layout.boxes[gap + 1].x
    let width = canvas.width(of: lane.edge.label, layout.font) + 4
    let height = layout.font.size + 3
    return Rectangle(
      x: (left + right) / 2 - width / 2, y: layout.height(of: lane.level) - height / 2,
      width: width, height: height)
  }

  /// Where labels and nodes lie, for a test that they keep apart.
  package func boxes(on canvas: Canvas, in frame: Rectangle) -> [Rectangle] {
    let layout = Layout(chart: self, canvas: canvas, frame: frame)
    return layout.boxes
      + lanes.filter { !$0.edge.label.isEmpty }.map { labelBox(of: $0, on: canvas, layout) }
  }
}
