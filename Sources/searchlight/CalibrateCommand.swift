import ArgumentParser
import Charts
import Experiments
import Foundation
import Performance
import TensorCore

/// `searchlight calibrate`: this machine as a device profile.
struct CalibrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Measures this machine as a device profile, and how well it foretells whole steps.",
    discussion: """
      Rates come from single kernels: dense, pointwise and depthwise convolutions, matrix
      products, recurrent products, and operations bound by memory. Whole training steps,
      which the rates have not seen, are then timed beside what the profile says of them.

      Example:
        searchlight calibrate --threads 2 --out Benchmarks/devices/laptop.yaml

      A suite then names it: `device: laptop`.
      """)

  @OptionGroup var kernels: KernelOptions

  @Option(help: "Write the profile here; the file's name is the device's.")
  var out: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard let out else { return }
    let name = (out as NSString).lastPathComponent
    guard name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*\.yaml/) != nil else {
      throw ValidationError(
        "--out is \(out); a file name like my-laptop.yaml expected, lower-case words and hyphens")
    }
  }

  func run() async throws {
    try await CommandFailure.reporting {
      try out.map(GivenFile.init)?.check()
      try Relaunch.withOpenBLASKernel()
      let name = out.map { (($0 as NSString).lastPathComponent as NSString).deletingPathExtension }
      let chosen = ["resnet20": 128, "nb201": 64]
      let calibration = try Calibration(
        name: name ?? "this-machine", in: try kernels.context(), rounds: 7,
        workloads: Workload.all.compactMap { workload in
          chosen[workload.name].map { (workload, batch: $0) }
        }, usage: BenchStep.usage,
        progress: { Output.draw("measuring \($0)\n") })
      if let out {
        try GivenFile(out).write(Data(text(calibration).utf8))
      }
      if json { Output.line(try BenchStep.json(Report(calibration))) } else { say(calibration) }
    }
  }

  private func text(_ calibration: Calibration) -> String {
    DeviceProfileWriter.text(
      calibration.profile, peakGigaflops: calibration.limits.gigaflopsPerSecond,
      // Data that fit into the caches move faster than the memory does.
      peakGigabytesPerSecond: max(
        calibration.limits.memoryGigabytesPerSecond, calibration.profile.gigabytesPerSecond),
      notes: [
        "steps that the rates have not seen were foretold within a factor of "
          + NumberText.plain(calibration.heldOutFactor, 2)
      ])
  }

  private func say(_ calibration: Calibration) {
    Output.line(text(calibration))
    let rows = calibration.forecasts.map {
      [
        "\($0.workload), batch \($0.batch)", NumberText.plain(1000 * $0.modelled, 1),
        NumberText.plain(1000 * $0.measured, 1), NumberText.plain($0.ratio, 2),
      ]
    }
    let header = ["step", "modelled ms", "measured ms", "modelled / measured"]
    for line in TableText.aligned([header] + rows) { Output.line(line) }
  }

  private struct Report: Encodable {
    let rates: [String: Double]
    let gigabytesPerSecond: Double
    let launchMicroseconds: Double
    let inputMicrosecondsPerExample: Double
    let machine: MachineLimits
    let forecasts: [Calibration.Forecast]
    let heldOutFactor: Double

    init(_ calibration: Calibration) {
      let profile = calibration.profile
      rates = Dictionary(
        uniqueKeysWithValues: profile.gigaflopsPerSecond.map { ($0.key.rawValue, $0.value) })
      gigabytesPerSecond = profile.gigabytesPerSecond
      launchMicroseconds = profile.launchMicroseconds
      inputMicrosecondsPerExample = profile.inputMicrosecondsPerExample
      machine = calibration.limits
      forecasts = calibration.forecasts
      heldOutFactor = calibration.heldOutFactor
    }
  }
}
