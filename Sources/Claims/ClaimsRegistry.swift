import Foundation
import SearchCore

/// All published results that a project keeps: the one home of every such figure.
public struct ClaimsRegistry: Sendable {
  /// In the order of the files' names and of their lines.
  public let claims: [PublishedResult]

  /// Takes claims whose ids differ.
  public init(_ claims: [PublishedResult]) { self.claims = claims }

  /// Reads every CSV file of a folder; there may be no folder.
  ///
  /// - Throws: `ClaimsError` of the first file that cannot be read, or for an id of two files.
  public init(folder: URL) throws(ClaimsError) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    var claims: [PublishedResult] = []
    var files: [String: String] = [:]
    for name in names.filter({ $0.hasSuffix(".csv") }).sorted() {
      for claim in try ClaimsFile.load(folder.appending(path: name)) {
        if let first = files[claim.id] {
          throw .line(
            file: name, line: claim.line,
            problem: "id “\(claim.id)” stands in \(first) already; ids are unique")
        }
        files[claim.id] = name
        claims.append(claim)
      }
    }
    self.claims = claims
  }

  /// The claim of an id; `nil` if there is none.
  public func named(_ id: String) -> PublishedResult? { claims.first { $0.id == id } }

  /// The id that was probably meant; `nil` if none is near.
  public func nearest(to id: String) -> String? {
    NearestName.of(id, among: claims.map(\.id))
  }

  /// The claims that pass a filter.
  public func filtered(by filter: ClaimsFilter) -> [PublishedResult] {
    claims.filter(filter.accepts)
  }

  /// Other claims of the same metric on the same dataset by a method of the same name or a name
  /// that begins with it: a cell's figure and its method's belong beside each other.
  public func beside(_ claim: PublishedResult) -> [PublishedResult] {
    guard let name = claim.method?.split(separator: " ").first else { return [] }
    return claims.filter { other in
      other.id != claim.id && other.metric == claim.metric && other.dataset == claim.dataset
        && other.level == claim.level && other.method?.split(separator: " ").first == name
    }
  }
}

/// Which claims are wanted; what is `nil` or empty lets all pass.
public struct ClaimsFilter: Hashable, Sendable {
  /// Id of the dataset.
  public var dataset: String?
  /// Part of a method's or network's name, in any case of letters.
  public var method: String?
  /// Levels of which the claim's is one.
  public var levels: [PublishedResult.Level] = []
  /// How sure it is that it was printed.
  public var status: PublishedResult.Status?
  /// Ids, or beginnings of ids.
  public var ids: [String] = []

  /// Lets all pass.
  public init() {}

  func accepts(_ claim: PublishedResult) -> Bool {
    if let dataset, claim.dataset != dataset { return false }
    if let status, claim.status != status { return false }
    if !levels.isEmpty, !levels.contains(claim.level) { return false }
    if !ids.isEmpty, !ids.contains(where: { claim.id.hasPrefix($0) }) { return false }
    guard let method = method?.lowercased() else { return true }
    return [claim.method, claim.network].compactMap { $0?.lowercased() }
      .contains { $0.contains(method) }
  }
}
