import Experiments
import Foundation
import OperationCosts
import TestSupport
import Testing

@Suite struct DeviceProfileReaderTests {
  private static let folder = SharedFolder.repository.appending(path: "Benchmarks/devices")

  @Test(arguments: ["gtx-1080-ti", "k40", "p100", "v100"])
  func everyProfileIsReadable(name: String) throws {
    let profile = try DeviceProfileReader.read(
      Self.folder.appending(path: "\(name).yaml"), shownAs: name)
    #expect(profile.name == name)
    #expect(!profile.sources.isEmpty)
    for kind in OperationClass.allCases where kind != .memoryBound {
      #expect(profile.gigaflopsPerSecond[kind] != nil)
    }
  }

  @Test func aRateAboveThePeakIsRefused() throws {
    let file = Self.folder.appending(path: "k40.yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
      .replacingOccurrences(of: "dense-convolution: 1700", with: "dense-convolution: 17000")
    #expect(
      throws: SuiteError(
        "k40.yaml:9: gigaflops-per-second.dense-convolution: found '17000'; expected a number "
          + "from 0.001 to 4290")
    ) { try DeviceProfileReader.read(text: text, file: "k40.yaml") }
  }
}
