import Statistics

/// Our steps beside the peer's, timed in turn on one machine.
public struct PeerComparison: Codable, Sendable {
  /// One workload at one number of threads.
  public struct Row: Codable, Hashable, Sendable {
    public let workload: String
    public let threads: Int
    public let batch: Int
    /// Pairs of runs in turn.
    public let pairs: Int
    /// Median step of ours and of the peer, in milliseconds.
    public let ours: Double
    public let peer: Double
    /// The peer's step time divided by ours, pair by pair: median, least and largest.
    public let ratio: Double
    public let leastRatio: Double
    public let largestRatio: Double
    /// Share of the measured peak that our step reaches, in percent.
    public let percentOfPeak: Double?
    public let peakMemoryBytes: Int?

    enum CodingKeys: String, CodingKey {
      case workload, threads, batch, pairs, ratio
      case ours = "ours_ms"
      case peer = "peer_ms"
      case leastRatio = "ratio_min"
      case largestRatio = "ratio_max"
      case percentOfPeak = "percent_of_peak"
      case peakMemoryBytes = "peak_memory_bytes"
    }
  }

  /// Sorted by threads, then by workload.
  public let rows: [Row]

  /// Pairs each of our lines with the peer's line of the same place among those of its workload.
  ///
  /// - Throws: If a side lacks lines, or the two timed different work.
  public init(_ lines: [BenchLine]) throws(PeerComparisonError) {
    struct Key: Hashable, Comparable {
      let threads: Int
      let workload: String

      static func < (a: Key, b: Key) -> Bool {
        (a.threads, a.workload) < (b.threads, b.workload)
      }
    }
    let groups = Dictionary(grouping: lines) { Key(threads: $0.threads, workload: $0.workload) }
    var rows: [Row] = []
    for (key, group) in groups.sorted(by: { $0.key < $1.key }) {
      let ours = group.filter { $0.torchVersion == nil }
      let peers = group.filter { $0.torchVersion != nil }
      guard let first = ours.first, ours.count == peers.count else {
        throw .unpaired(
          workload: key.workload, threads: key.threads, ours: ours.count, peer: peers.count)
      }
      for line in group where line.batch != first.batch || line.parameters != first.parameters {
        throw .differentWork(
          workload: key.workload, ours: [first.batch, first.parameters],
          peer: [line.batch, line.parameters])
      }
      let ratios = Sample(zip(ours, peers).map { $1.stepMedian / $0.stepMedian })
      func median(_ values: [Double]) -> Double { Sample(values).quantile(0.5) ?? .nan }
      rows.append(
        Row(
          workload: key.workload, threads: key.threads, batch: first.batch, pairs: ours.count,
          ours: median(ours.map { $0.stepMedian }), peer: median(peers.map { $0.stepMedian }),
          ratio: median(ratios.values), leastRatio: ratios.quantile(0) ?? .nan,
          largestRatio: ratios.quantile(1) ?? .nan,
          percentOfPeak: Sample(ours.compactMap { $0.percentOfPeak }).quantile(0.5),
          peakMemoryBytes: ours.compactMap { $0.peakMemoryBytes }.max()))
    }
    guard !rows.isEmpty else { throw .empty }
    self.rows = rows
  }
}

/// Why two sides cannot be compared.
public enum PeerComparisonError: Error, Hashable, CustomStringConvertible {
  case empty
  case unpaired(workload: String, threads: Int, ours: Int, peer: Int)
  /// Batch and parameters of either side.
  case differentWork(workload: String, ours: [Int], peer: [Int])

  public var description: String {
    switch self {
    case .empty: "no timing lines; run Benchmarks/compare-peers, which writes them"
    case .unpaired(let workload, let threads, let ours, let peer):
      "\(workload) with \(threads) threads: \(ours) timings of ours and \(peer) of the peer; "
        + "as many of each expected, run Benchmarks/compare-peers again"
    case .differentWork(let workload, let ours, let peer):
      "\(workload): batch and parameters are \(ours) on our side and \(peer) on the peer's; "
        + "the same work expected"
    }
  }
}
