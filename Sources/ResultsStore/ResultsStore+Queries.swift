import Experiments
import Foundation
import GRDB
import OperationCosts
import SearchCore

extension ResultsStore {
  /// Reads everything a report says about the suite.
  ///
  /// - Parameter spaces: The search spaces, to draw the selected architectures.
  /// - Throws: `StoreError` if the store was never filled or does not fit this program.
  public func results(spaces: [any SearchSpace]) throws -> SuiteResults {
    try database.read { database in
      guard
        let header = try String.fetchOne(database, sql: "SELECT header FROM suite WHERE id = 1")
      else { throw StoreError("the results store is empty; type 'searchlight run SUITE' first") }
      var results = try JSONDecoder().decode(SuiteResults.self, from: Data(header.utf8))
      var environments: [[EnvironmentFact]] = []
      let costs = try self.costs(database)
      let rows = try Row.fetchCursor(database, sql: "SELECT * FROM run ORDER BY position")
      while let row = try rows.next() {
        let study = row["study"] as String
        guard let index = results.studies.firstIndex(where: { $0.name == study }) else {
          throw StoreError("the results store has runs of study '\(study)', the suite has not")
        }
        let found = results.studies[index]
        let name = found.ownSpaces?[row["method"]] ?? found.space
        let space = spaces.first { type(of: $0).name == name }
        let id = row["id"] as String
        var run = try run(
          row, space: space, costs: costs[id] ?? Costs(), trials: trials(of: id, database))
        let epochs = try epochs(of: id, database)
        if !epochs.isEmpty { run.epochs = epochs }
        let candidates = try candidates(of: id, database)
        if !candidates.isEmpty { run.candidates = candidates }
        results.studies[index].runs.append(run)
        let facts = (row["environment"] as String?).map { Data($0.utf8) }
        environments.append(
          try facts.map { try JSONDecoder().decode([EnvironmentFact].self, from: $0) } ?? [])
      }
      results.environment = Self.common(environments)
      results.canonicalChecksum = try CanonicalResults(results).checksum
      return results
    }
  }

  private struct Costs {
    var charges: [Phase: Charge] = [:]
    var measured: [Phase: MeasuredCost] = [:]
  }

  private func costs(_ database: Database) throws -> [String: Costs] {
    var costs: [String: Costs] = [:]
    let rows = try Row.fetchCursor(database, sql: "SELECT * FROM charge")
    while let row = try rows.next() {
      let phase: Phase = try Self.value(row["phase"])
      let charge = Charge(
        flops: try Self.amount(row["flops"]), bytes: try Self.amount(row["bytes"]),
        referenceNanoseconds: try Self.amount(row["reference_nanoseconds"]),
        trainingExamples: row["training_examples"])
      let run = row["run_id"] as String
      if charge != .zero { costs[run, default: Costs()].charges[phase] = charge }
      if let wall = row["wall_nanoseconds"] as Int?, let cpu = row["cpu_nanoseconds"] as Int? {
        let measured = MeasuredCost(
          wallNanoseconds: wall, cpuNanoseconds: cpu, microjoules: row["microjoules"])
        costs[run, default: Costs()].measured[phase] = measured
      }
    }
    return costs
  }

  /// An amount as it was kept: a number, or digits.
  private static func amount(_ value: DatabaseValue) throws -> Int128 {
    switch value.storage {
    case .int64(let number): return Int128(number)
    case .string(let digits):
      if let number = Int128(digits) { return number }
    default: break
    }
    throw StoreError(
      "the results store has \(value) as an amount; delete it and run the suite again to fill it "
        + "from the journals")
  }

  private func trials(of run: String, _ database: Database) throws -> [TrialResults] {
    let statement = try database.cachedStatement(
      sql: "SELECT * FROM trial WHERE run_id = ? ORDER BY line")
    let rows = try Row.fetchCursor(statement, arguments: [run])
    var trials: [TrialResults] = []
    while let row = try rows.next() {
      trials.append(
        TrialResults(
          index: row["trial_index"], architecture: row["architecture"], identity: row["identity"],
          status: try Self.value(row["status"]),
          measurement: Self.measurement(row),
          chargedSoFar: try Self.charge(row), budgetFraction: row["budget_fraction"]))
    }
    return trials
  }

  private static func measurement(_ row: Row) -> SearchCore.Measurement {
    Measurement(
      validation: row["validation"], parameters: row["parameters"],
      flopsPerExample: row["flops_per_example"], epochs: row["epochs"],
      weightsChecksum: row["weights_checksum"])
  }

  private static func charge(_ row: Row) throws -> Charge {
    Charge(
      flops: try amount(row["charged_flops"]), bytes: try amount(row["charged_bytes"]),
      referenceNanoseconds: try amount(row["charged_reference_nanoseconds"]),
      trainingExamples: row["charged_training_examples"])
  }

  private func epochs(of run: String, _ database: Database) throws -> [EpochRecord] {
    let statement = try database.cachedStatement(
      sql: "SELECT * FROM epoch WHERE run_id = ? ORDER BY line")
    let rows = try Row.fetchCursor(statement, arguments: [run])
    var epochs: [EpochRecord] = []
    while let row = try rows.next() {
      var epoch = SearchEpoch(epoch: row["epoch"], trainingLoss: row["training_loss"])
      epoch.search = row["search"]
      epoch.validation = row["validation"]
      epoch.architecture = row["architecture"]
      epoch.skipConnections = row["skip_connections"]
      epoch.controllerUpdates = row["controller_updates"]
      epoch.meanReward = row["mean_reward"]
      epoch.entropy = row["entropy"]
      epoch.probabilities = try (row["probabilities"] as String?).map {
        try JSONDecoder().decode([SearchEpoch.CellProbabilities].self, from: Data($0.utf8))
      }
      epochs.append(
        EpochRecord(
          epoch: epoch, chargedSoFar: try Self.charge(row), budgetFraction: row["budget_fraction"]))
    }
    return epochs
  }

  private func candidates(of run: String, _ database: Database) throws -> [SearchCandidate] {
    let statement = try database.cachedStatement(
      sql: "SELECT * FROM candidate WHERE run_id = ? ORDER BY line")
    let rows = try Row.fetchCursor(statement, arguments: [run])
    var candidates: [SearchCandidate] = []
    while let row = try rows.next() {
      candidates.append(
        SearchCandidate(
          search: row["search"], architecture: row["architecture"],
          outcome: .init(
            status: try Self.value(row["status"]),
            measurement: Self.measurement(row))))
    }
    return candidates
  }

  private func run(
    _ row: Row, space: (any SearchSpace)?, costs: Costs, trials: [TrialResults]
  ) throws -> RunResults {
    let selected = row["selected_architecture"] as String?
    var graphs: [CellGraph] = []
    if let selected, let space { graphs = space.graphs(of: try space.parse(selected)) }
    var final: StepReport.Outcome?
    if let status = row["final_status"] as String? {
      final = .init(
        status: try Self.value(status),
        measurement: Measurement(
          validation: row["final_validation"], test: row["final_test"],
          parameters: row["final_parameters"], flopsPerExample: row["final_flops_per_example"],
          epochs: row["final_epochs"], weightsChecksum: row["final_weights_checksum"]))
    }
    return RunResults(
      id: row["id"], method: row["method"], seedIndex: row["seed_index"],
      status: try Self.value(row["status"]), trials: trials, selectedArchitecture: selected,
      selectedGraphs: graphs, searchValidation: row["search_validation"], final: final,
      charges: costs.charges, wallClockSeconds: row["wall_clock_seconds"],
      cpuSeconds: row["cpu_seconds"], measured: costs.measured.isEmpty ? nil : costs.measured)
  }

  private static func value<Value: RawRepresentable<String>>(_ text: String) throws -> Value {
    guard let value = Value(rawValue: text) else {
      throw StoreError(
        "the results store has '\(text.prefix(60))' as \(Value.self); delete it and run the suite "
          + "again to fill it from the journals")
    }
    return value
  }

  /// The facts of all runs, each name once; different values stand side by side.
  private static func common(_ environments: [[EnvironmentFact]]) -> [SuiteResults.Fact] {
    var facts: [SuiteResults.Fact] = []
    for fact in environments.joined() {
      guard let index = facts.firstIndex(where: { $0.name == fact.name }) else {
        facts.append(.init(name: fact.name, value: fact.value))
        continue
      }
      if !facts[index].value.components(separatedBy: " / ").contains(fact.value) {
        facts[index].value += " / \(fact.value)"
      }
    }
    return facts
  }
}
