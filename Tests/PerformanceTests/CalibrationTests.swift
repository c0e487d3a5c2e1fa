import OperationCosts
import Performance
import TensorCore
import Testing

@Suite struct CalibrationTests {
  /// A clock that advances by one millisecond whenever it is read.
  private final class Ticks {
    var count = 0.0
    func usage() -> ProcessUsage {
      count += 1
      return ProcessUsage(seconds: count / 1000, cpuSeconds: count / 1000, pageFaults: 0)
    }
  }

  // With every launch taking one tick, a rate is the class's work over its number of launches:
  // five shapes, 302 or 1,529 million operations each forwards and twice that backwards.
  @Test func ratesAreWorkOverTime() throws {
    let ticks = Ticks()
    let calibration = try Calibration(
      name: "ticks", in: try ComputeContext(), rounds: 1, workloads: [], usage: ticks.usage,
      progress: { _ in })
    let expected = 3 * (3 * 301_989_888 + 2 * 1_528_823_808) / (10 * 0.001) / 1e9
    let rate = try #require(calibration.profile.gigaflopsPerSecond[.denseConvolution])
    #expect(abs(rate / expected - 1) < 1e-9)
    #expect(calibration.heldOutFactor == 1)
  }

  @Test func aForecastIsHeldAgainstTheClock() throws {
    let ticks = Ticks()
    let resnet = try #require(Workload.all.first { $0.name == "resnet20" })
    let calibration = try Calibration(
      name: "ticks", in: try ComputeContext(), rounds: 1, workloads: [(resnet, batch: 1)],
      usage: ticks.usage, progress: { _ in })
    let forecast = try #require(calibration.forecasts.first)
    #expect(abs(forecast.measured - 0.001) < 1e-9)
    #expect(calibration.heldOutFactor == max(forecast.ratio, 1 / forecast.ratio))
  }
}
