import SearchCore
import Testing

@Suite struct MethodSettingsTests {
  static let declared = [
    MethodSetting(
      name: "population-size", defaultValue: 100, range: 1...10_000, isInteger: true,
      source: "arXiv 1802.01548"),
    MethodSetting(
      name: "sample-size", defaultValue: 25, range: 1...10_000, isInteger: true,
      source: "arXiv 1802.01548"),
  ]

  @Test func defaultsAreThoseOfThePaper() {
    let settings = MethodSettings(of: Self.declared)
    #expect(settings["population-size"] == 100)
    #expect(settings["sample-size"] == 25)
  }

  @Test func aChangeReplacesOneDefault() {
    let settings = MethodSettings(of: Self.declared, replacing: ["sample-size": 10])
    #expect(settings.values == ["population-size": 100, "sample-size": 10])
  }

  @Test func whatIsNotDeclaredIsLeftOut() {
    let settings = MethodSettings(of: Self.declared, replacing: ["momentum": 0.9])
    #expect(settings.values["momentum"] == nil)
  }
}
