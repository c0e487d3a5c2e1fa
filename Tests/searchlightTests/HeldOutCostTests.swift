import Experiments
import Foundation
import OperationCosts
import Performance
import TensorCore
import TestSupport
import Testing

/// The tracked device profiles against published costs that they were not fitted to: what a profile
/// says of its own error is what comes out.
@Suite struct HeldOutCostTests {
  /// GPU-days on a GTX 1080 Ti, from Liu et al., arXiv 1806.09055: training a found network for 600
  /// epochs of 50,000 images takes about 1.5 (section 3.2); four first-order searches of 50 epochs
  /// on half the images took 1.5 (Table 1), so that one took 0.375.
  @Test(arguments: [
    ("darts-eval", 96, 600 * 521, 1.5), ("darts-search", 64, 50 * 391, 0.375),
  ])
  func publishedDaysOnAGTX1080Ti(
    workload: String, batch: Int, steps: Int, days: Double
  ) throws {
    let file = SharedFolder.repository.appending(path: "Benchmarks/devices/gtx-1080-ti.yaml")
    let device = try DeviceProfileReader.read(file, shownAs: "gtx-1080-ti.yaml")
    let context = try ComputeContext()
    let work = try #require(Workload.all.first { $0.name == workload })
    let charge = device.charge(
      for: try work.session(in: context, batch: batch).operations, examples: batch,
      trainingExamples: batch)
    let modelled = Double(charge.referenceNanoseconds) * Double(steps) / 86_400e9
    let tracked = device.heldOut.first { $0.published == days }
    #expect(abs(modelled - (tracked?.modelled ?? 0)) < 0.001, "\(modelled) days")
  }
}
