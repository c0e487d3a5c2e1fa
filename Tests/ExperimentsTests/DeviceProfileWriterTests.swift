import Experiments
import OperationCosts
import Testing

@Suite struct DeviceProfileWriterTests {
  @Test func whatIsWrittenIsRead() throws {
    var rates: [OperationClass: Double] = [:]
    for (index, kind) in OperationClass.allCases.enumerated() where kind != .memoryBound {
      rates[kind] = 100.125 + Double(index)
    }
    let profile = DeviceProfile(
      name: "my-laptop", title: "this machine, 2 threads", gigaflopsPerSecond: rates,
      gigabytesPerSecond: 17.5, launchMicroseconds: 0.25, inputMicrosecondsPerExample: 2.5,
      sources: ["measured"])
    let text = DeviceProfileWriter.text(
      profile, peakGigaflops: 500, peakGigabytesPerSecond: 60, notes: ["a note"])
    let read = try DeviceProfileReader.read(text: text, file: "my-laptop.yaml")
    #expect(read.name == profile.name)
    #expect(read.gigaflopsPerSecond == profile.gigaflopsPerSecond)
    #expect(read.gigabytesPerSecond == 17.5)
    #expect(read.launchMicroseconds == 0.25)
    #expect(read.inputMicrosecondsPerExample == 2.5)
    #expect(read.sources == ["measured", "a note"])
  }
}
