import Foundation
import SearchCore

/// A request as it goes over the wire: JSON-RPC 2.0.
struct PluginRequest<Parameters: Encodable>: Encodable {
  let jsonrpc = "2.0"
  let id: Int
  let method: String
  let params: Parameters
}

/// An answer: a result or an error.
struct PluginAnswer<Result: Decodable>: Decodable {
  struct Failure: Decodable {
    let code: Int
    let message: String
  }

  let id: Int?
  let result: Result?
  let error: Failure?
}

/// An answer that says nothing.
struct PluginDone: Decodable {}

/// Who asks.
struct PluginHost: Encodable {
  let name = "searchlight"
}

/// A search space as a program is told of it.
struct PluginSpace: Encodable {
  let id: String
  let decisions: [Decision]
}

/// What a method is told to begin with.
struct PluginInitialization: Encodable {
  struct Told: Encodable {
    let metric: String
    /// What is told is turned so that less is better.
    let direction = "minimize"
  }

  struct Allowance: Encodable {
    let unit: String
    let total: Double
  }

  let `protocol` = PluginConnection.protocolVersion
  let role = "method"
  let host = PluginHost()
  let run: String
  let seed: String
  let space: PluginSpace
  let objective: Told
  let budget: Allowance
  let settings: [String: PluginCommand.Setting]
}

/// What every program says of itself.
protocol PluginIntroducing: Decodable {
  var `protocol`: String { get }
  var plugin: PluginTitle { get }
}

/// A program's name and version, as it says them.
struct PluginTitle: Decodable {
  let name: String
  let version: String
}

/// What a method says of itself.
struct PluginIntroduction: PluginIntroducing {
  let `protocol`: String
  let plugin: PluginTitle
  let max_in_flight: Int?
  let minimum_trials: Int?
}

/// A request for a proposal.
struct PluginAsk: Encodable {
  let trial: Int
  let draw: String
}

/// A proposal, or the end of all proposals.
struct PluginProposal: Decodable {
  let choices: [Int]?
  let epochs: Int?
  let done: String?
}

/// What a trial came to.
struct PluginTell: Encodable {
  let trial: Int
  let choices: [Int]
  let status: String
  /// Less is better; not there if the trial failed.
  let value: Double?
  /// More is better.
  let reward: Double
}

extension PluginCommand.Setting: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number) where number == number.rounded() && number.magnitude < 1e15:
      try container.encode(Int(number))
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }
}
