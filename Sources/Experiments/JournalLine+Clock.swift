import Foundation
import SearchCore

// Every line of a journal bears a clock, whose form is simple enough to need no encoder.
extension JournalLine.Clock {
  private static let phases = Phase.allCases.sorted { $0.rawValue < $1.rawValue }

  /// JSON with sorted keys, as an encoder writes it; `nil` where one would refuse.
  var json: String? {
    guard activeSeconds.isFinite, cpuSeconds.isFinite else { return nil }
    var text = #"{"activeSeconds":\#(Self.json(activeSeconds)),"#
    text += #""cpuSeconds":\#(Self.json(cpuSeconds)),"#
    if let measured {
      let costs = Self.phases.compactMap { phase in
        measured.costs[phase].map { #""\#(phase.rawValue)":\#(Self.json($0))"# }
      }
      text += #""measured":{\#(costs.joined(separator: ","))},"#
    }
    return text + #""unixSeconds":\#(unixSeconds)}"#
  }

  private static func json(_ number: Double) -> String {
    let text = number.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func json(_ cost: MeasuredCost) -> String {
    let energy = cost.microjoules.map { #","microjoules":\#($0)"# } ?? ""
    return #"{"cpuNanoseconds":\#(cost.cpuNanoseconds)\#(energy),"#
      + #""wallNanoseconds":\#(cost.wallNanoseconds)}"#
  }
}
