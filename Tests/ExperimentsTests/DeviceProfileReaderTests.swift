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
}
