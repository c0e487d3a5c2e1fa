import Experiments
import Testing

@Suite struct RunKeysTests {
  private func keys(
    seed: UInt64 = 1, task: String = "shapes", method: String = "a", index: Int = 0
  ) -> RunKeys { RunKeys(suiteSeed: seed, task: task, method: method, seedIndex: index) }

  @Test func aRunsKeyIsTaskMethodAndSeedIndex() {
    #expect(keys().run == keys().run)
    #expect(keys().run != keys(task: "other").run)
    #expect(keys().run != keys(method: "b").run)
    #expect(keys().run != keys(index: 1).run)
    #expect(keys().run != keys(seed: 2).run)
  }

  @Test func finalTrainingsKeyLeavesTheMethodOut() {
    #expect(keys().finalTraining == keys(method: "b").finalTraining)
    #expect(keys().finalTraining != keys(index: 1).finalTraining)
    #expect(keys().finalTraining != keys(task: "other").finalTraining)
  }

  @Test func theSplitsKeyIsSuiteSeedAndTaskAlone() {
    #expect(keys().split == keys(method: "b", index: 7).split)
    #expect(keys().split != keys(task: "other").split)
    #expect(keys().split != keys(seed: 2).split)
  }

  @Test func aManifestsTaskIsItsName() {
    var study = Suite.fake().studies[0]
    study.dataset = "some/folder/shapes.yaml"
    #expect(study.task == "shapes")
  }
}
