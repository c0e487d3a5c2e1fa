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
  /// GPU-days of networks and searches of DARTS' space (50,000 images an epoch, a search half):
  /// on a GTX 1080 Ti, from Liu et al., arXiv 1806.09055: training a found network for 600 epochs
  /// takes about 1.5 (section 3.2); four first-order searches of 50 epochs took 1.5 (Table 1), so
  /// that one took 0.375. On a P100, from Li & Talwalkar, arXiv 1902.07638, Table 5: four trainings
  /// for 600 epochs, stage 2 of the DARTS that was run again, took 6.
  @Test(arguments: [
    ("gtx-1080-ti", "darts-eval", 96, 600 * 521, 1.5),
    ("gtx-1080-ti", "darts-search", 64, 50 * 391, 0.375),
    ("p100", "darts-eval", 96, 600 * 521, 1.5),
  ])
  func publishedDays(
    name: String, workload: String, batch: Int, steps: Int, days: Double
  ) throws {
    let file = SharedFolder.repository.appending(path: "Benchmarks/devices/\(name).yaml")
    let device = try DeviceProfileReader.read(file, shownAs: "\(name).yaml")
    let context = try ComputeContext()
    let work = try #require(Workload.all.first { $0.name == workload })
    let charge = device.charge(
      for: try work.session(in: context, batch: batch).operations, examples: batch,
      trainingExamples: batch)
    let modelled = Double(charge.referenceNanoseconds) * Double(steps) / 86_400e9
    let tracked = device.heldOut.first { $0.published == days }
    #expect(abs(modelled - (tracked?.modelled ?? 0)) < 0.001, "\(modelled) days")
  }

  /// Without published costs to test a profile on, that is what is said.
  @Test(arguments: ["k40", "v100"])
  func whereNothingIsKnownItIsSaid(name: String) throws {
    let file = SharedFolder.repository.appending(path: "Benchmarks/devices/\(name).yaml")
    let device = try DeviceProfileReader.read(file, shownAs: "\(name).yaml")
    #expect(device.heldOutError == "no held-out error is known")
  }
}
