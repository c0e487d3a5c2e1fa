import Datasets
import SearchCore
import SearchSpaces

extension TableEvaluator {
  /// The CIFAR-10 part of NAS-Bench-201's recorded table, with modelled costs.
  ///
  /// Trials score validation accuracy after 12 epochs: here the mean over the two seeds that the
  /// authors trained each cell with, of which their programs draw one at random. A trial's score has
  /// therefore less noise than in their runs. The table has no validation accuracy after 200 epochs,
  /// so final results are test accuracies alone.
  ///
  /// Source: Dong & Yang, arXiv 2001.00326.
  ///
  /// - Throws: `TableError` if the dataset is not that table.
  public convenience init(nasBench201 table: RecordedTable) throws(TableError) {
    let validationColumn = "cifar10-validation-accuracy-12-epochs"
    let testColumn = "cifar10-test-accuracy-200-epochs"
    guard let validation = table.column(validationColumn), let test = table.column(testColumn)
    else {
      throw TableError(
        "dataset '\(table.name)' has no column '\(validationColumn)' or '\(testColumn)'; the table "
          + "evaluator reads NAS-Bench-201 only; type 'searchlight data list'")
    }
    let space = NASBench201()
    var rows: [Row] = []
    rows.reserveCapacity(table.rows.count)
    for (index, row) in table.rows.enumerated() {
      let architecture: Architecture
      do {
        architecture = try space.parse(row.key)
      } catch {
        throw TableError("row \(index + 1): \(error.description)")
      }
      rows.append(
        Row(
          architecture: row.key,
          validation: Objective.classificationError(ofAccuracyInPercent: row.values[validation]),
          finalValidation: nil,
          finalTest: Objective.classificationError(ofAccuracyInPercent: row.values[test]),
          trialSeconds: NASBench201TimeModel.trialSeconds(of: architecture)))
    }
    var checksums: [String: String] = [:]
    for file in table.checksums { checksums[file.path] = file.checksum.value }
    try self.init(
      space: space, rows: rows,
      description: Description(
        objective: .classificationError, costLabel: NASBench201TimeModel.label,
        examplesPerEpoch: 25_000, trialEpochs: 12,
        finalEpochs: 200, dataChecksums: checksums))
  }
}
