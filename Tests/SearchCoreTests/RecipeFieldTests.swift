import SearchCore
import Testing

/// The table of recipe fields.
@Suite struct RecipeFieldTests {
  @Test func keysAreUnique() {
    #expect(Set(RecipeField.all.map(\.key)).count == RecipeField.all.count)
  }

  @Test(arguments: RecipeField.all.map(\.key))
  func aFieldSaysWhatItIs(key: String) throws {
    let field = try #require(RecipeField.all.first { $0.key == key })
    #expect(key.allSatisfy { $0.isLowercase || $0 == "-" })
    #expect(field.help.contains(field.words) && field.help.contains(field.expected))
    #expect(field.words.count > 10)
  }

  /// Every number of a preset is one that a suite may write.
  @Test(arguments: TrainingProtocol.presets.map(\.recipe))
  func presetsAreWithinTheirRanges(recipe: String) throws {
    let preset = try #require(TrainingProtocol.presets.first { $0.recipe == recipe })
    #expect(preset.conflict == nil)
    for field in RecipeField.all where field.objection(in: preset) == nil {
      let text = field.text(in: preset)
      switch field.value {
      case .integer(_, let range): #expect(range.contains(try #require(Int(text))), "\(field.key)")
      case .number(_, let range):
        #expect(range.contains(try #require(Double(text))), "\(field.key)")
      case .boolean: #expect(["true", "false"].contains(text))
      case .optionalInteger(_, let range):
        #expect(try text == "none" || range.contains(#require(Int(text))), "\(field.key)")
      case .optionalNumber(_, let range):
        #expect(try text == "none" || range.contains(#require(Double(text))), "\(field.key)")
      case .integers(let path, let range):
        let numbers = preset[keyPath: path]
        #expect(numbers == numbers.sorted() && numbers.allSatisfy(range.contains), "\(field.key)")
      case .choice(let names, _, _): #expect(names.contains(text))
      }
    }
  }

  /// A field that no recipe could have would be no use; what trains text has no crop.
  @Test func fieldsGoWithTheirRecipes() throws {
    for field in RecipeField.all {
      #expect(
        TrainingProtocol.presets.contains { field.objection(in: $0) == nil }, "\(field.key)")
    }
    func field(_ key: String) throws -> RecipeField {
      try #require(RecipeField.all.first { $0.key == key })
    }
    #expect(
      try field("crop-padding").objection(in: .zarembaSmall)
        == "does not go with recipe 'zaremba-small', which trains language models")
    #expect(
      try field("hidden").objection(in: .budgeted)
        == "does not go with recipe 'budgeted', which trains image networks")
    #expect(
      try field("decay-factor").objection(in: .budgeted)
        == "does not go without a stepwise or milestones schedule")
  }

  @Test func whatDoesNotGoTogetherIsSaid() {
    var recipe = TrainingProtocol.dartsRecurrentEvaluation
    recipe.momentum = 0.9
    #expect(
      recipe.conflict == "averages the weights of sgd without momentum only; expected "
        + "averaging-trigger: none, or optimizer: sgd and momentum: 0")
    recipe = .wideResNet
    recipe.epochs = 160
    #expect(
      recipe.conflict
        == "lowers its step size after epoch 160 of 160; expected fewer than 160")
    recipe = .nasSearch
    recipe.scoredEpochs = 51
    #expect(
      recipe.conflict == "scores the last 51 of 50 epochs; expected at most 50")
  }

  /// Rates and milestones as their papers and programs have them: the arXiv ids are in the presets.
  @Test(arguments: [
    ("resnet", 182, 128, 0.1, 0.1, [91, 136], 1e-4, false),
    ("preactivation-resnet", 200, 128, 0.1, 0.1, [80, 120], 1e-4, true),
    ("wide-resnet", 200, 128, 0.1, 0.2, [60, 120, 160], 5e-4, true),
    ("densenet", 300, 64, 0.1, 0.1, [150, 225], 1e-4, true),
    ("stochastic-depth", 500, 128, 0.1, 0.1, [250, 375], 1e-4, true),
    ("fractalnet", 400, 100, 0.02, 0.1, [200, 300, 350, 375], 0, false),
    ("all-cnn", 350, 128, 0.05, 0.1, [200, 250, 300], 1e-3, false),
  ])
  func designedNetworksHaveTheirPapersRecipes(
    name: String, epochs: Int, batch: Int, rate: Double, factor: Double, milestones: [Int],
    decay: Double, isNesterov: Bool
  ) throws {
    let recipe = try #require(TrainingProtocol.presets.first { $0.recipe == name })
    #expect(recipe.epochs == epochs && recipe.batchSize == batch)
    #expect(recipe.learningRate == rate && recipe.decayFactor == factor)
    #expect(recipe.schedule == .milestones && recipe.decayAt == milestones)
    #expect(recipe.weightDecay == decay && recipe.nesterov == isNesterov)
    #expect(recipe.momentum == 0.9 && recipe.cropPadding == 4 && recipe.horizontalFlip)
  }

  /// Cosines of the codes of DARTS and NAS-Bench-201 move once an epoch; Zoph & Le (arXiv
  /// 1611.01578, section 4.1) reward the best of the last five epochs.
  @Test func presetsAreTheCodesInTime() {
    let presets = TrainingProtocol.presets
    #expect(
      presets.filter(\.annealsByEpoch).map(\.recipe)
        == ["darts-eval", "darts-search", "nasbench201-12", "nasbench201-200"])
    #expect(presets.filter { $0.scoredEpochs != 1 }.map(\.recipe) == ["nas-search"])
    #expect(TrainingProtocol.nasSearch.scoredEpochs == 5)
  }
}
