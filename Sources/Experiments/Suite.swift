import SearchCore

/// A comparison as it is run: every default spelled out.
public struct Suite: Hashable, Sendable {
  /// Stable id, lower kebab case; results go to a folder of this name.
  public var name: String
  /// Raised whenever published results would change.
  public var version: Int
  /// One or two sentences: what is compared and why.
  public var summary: String
  /// The seed from which every key is derived.
  public var seed: UInt64
  /// Number of runs of each method, each with its own seed index, where a study does not say.
  public var seeds: Int
  /// Id of the device profile whose hours are charged.
  public var device: String
  public var studies: [Study]
  /// The OpenBLAS kernel that all runs use, for bits that match another machine's; `nil` for the
  /// processor's best.
  public var openBLASKernel: String?

  /// Puts a suite together; whoever does so answers for its names and numbers.
  public init(
    name: String, version: Int, summary: String, seed: UInt64, seeds: Int, device: String,
    studies: [Study], openBLASKernel: String? = nil
  ) {
    self.name = name
    self.version = version
    self.summary = summary
    self.seed = seed
    self.seeds = seeds
    self.device = device
    self.studies = studies
    self.openBLASKernel = openBLASKernel
  }

  /// Every run of the suite, by study, then method, then seed index.
  public var runs: [RunSpecification] {
    studies.flatMap { study in
      study.methods.flatMap { method in
        (0..<seeds(of: study)).map {
          RunSpecification(study: study, method: method, seedIndex: $0)
        }
      }
    }
  }

  /// Number of runs of each of a study's methods.
  public func seeds(of study: Study) -> Int { study.seeds ?? seeds }
}

/// What a paper says that its search cost, to be put beside what a device profile says.
public struct PublishedCost: Hashable, Codable, Sendable {
  /// Days of one GPU, above 0.
  public var gpuDays: Double
  /// The GPU, in words.
  public var device: String
  /// Who says so, and what it covers.
  public var source: String

  /// Quotes a cost.
  public init(gpuDays: Double, device: String, source: String) {
    self.gpuDays = gpuDays
    self.device = device
    self.source = source
  }
}

/// One task under one budget, with all its methods.
public struct Study: Hashable, Sendable {
  /// What a study can tell.
  public enum Kind: String, CaseIterable, Codable, Sendable {
    /// Which method is better, in one space.
    case commonSpace = "common-space"
    /// How a method does in its own space.
    case ownSpace = "own-space"
  }

  /// Stable id, lower kebab case, unique within the suite.
  public var name: String
  public var kind: Kind
  /// Name of a dataset, or path of a manifest that ends in `.yaml`.
  public var dataset: String
  public var space: String
  public var evaluator: String
  /// The program that scores architectures; `nil` for one of this project's evaluators.
  public var evaluatorProgram: PluginCommand?
  /// How trials are trained; `nil` for a recorded table.
  public var training: TrainingProtocol?
  /// How the selected architecture is trained; `nil` for a recorded table.
  public var finalTraining: TrainingProtocol?
  public var methods: [MethodChoice]
  public var searchBudget: Budget
  /// What training the selected architecture may spend; `nil` for a recorded table.
  public var finalBudget: Budget?
  /// Measured seconds after which a trial is given up; `nil` for never. A trial that is given up
  /// depends on the machine: such a study is exempt from bit identity.
  public var trialTimeLimitSeconds: Double?
  /// What a paper says that one search of this study cost; changes no result.
  public var publishedCost: PublishedCost?
  /// Whether trials record their learning curves as final training does.
  public var recordsTrialCurves = false
  /// Number of runs of each method; `nil` for the suite's. Runs of a recorded table cost so little
  /// that they can be many more than trained ones beside them.
  public var seeds: Int?

  /// Where the scores of the selected architecture are from.
  public var judgement = Judgement.training

  /// Where the scores of a selected architecture can be from.
  public enum Judgement: String, CaseIterable, Codable, Sendable {
    /// It is trained as trials are: on the training split.
    case training
    /// It is trained on the images of the validation split as well, as papers do before they test: it
    /// then has no validation score.
    case trainingAndValidation = "training-and-validation"
    /// They are looked up in the recorded table of its space: nothing is trained.
    case table
  }

  /// Puts a study together; final training is by default as the search's.
  public init(
    name: String, kind: Kind, dataset: String, space: String, evaluator: String,
    training: TrainingProtocol?, finalTraining: TrainingProtocol? = nil, methods: [MethodChoice],
    searchBudget: Budget, finalBudget: Budget?, trialTimeLimitSeconds: Double? = nil
  ) {
    self.name = name
    self.kind = kind
    self.dataset = dataset
    self.space = space
    self.evaluator = evaluator
    self.training = training
    self.finalTraining = finalTraining ?? training
    self.methods = methods
    self.searchBudget = searchBudget
    self.finalBudget = finalBudget
    self.trialTimeLimitSeconds = trialTimeLimitSeconds
  }

  /// Whether architectures are trained: each run is then a process of its own.
  public var trains: Bool { training != nil }

  /// The programs that it would start.
  public var programs: [PluginCommand] {
    [evaluatorProgram].compactMap(\.self) + methods.compactMap(\.plugin)
  }

  /// Names of the spaces that are searched, each once, in the order of the methods.
  public var spaces: [String] {
    methods.reduce(into: []) { spaces, method in
      let space = method.space ?? self.space
      if !spaces.contains(space) { spaces.append(space) }
    }
  }

  /// The task's name: the dataset's, without folder and ending. Two studies of one task share
  /// their split.
  public var task: String {
    let file = dataset.split(separator: "/").last.map(String.init) ?? dataset
    return file.hasSuffix(".yaml") ? String(file.dropLast(5)) : file
  }
}

/// A method with the values of all its settings.
public struct MethodChoice: Hashable, Sendable {
  public var name: String
  public var settings: MethodSettings
  /// What tells it from the study's others, lower kebab case: its name, unless the study has the
  /// method more than once.
  public var label: String
  /// The space that this method searches; `nil` for the study's.
  public var space: String?
  /// The program that is this method; `nil` for one of this project's.
  public var plugin: PluginCommand?

  /// Chooses a method with the given settings.
  public init(
    name: String, settings: MethodSettings, label: String? = nil, space: String? = nil
  ) {
    self.name = name
    self.settings = settings
    self.label = label ?? name
    self.space = space
  }
}

/// One method with one seed, in one study.
public struct RunSpecification: Hashable, Sendable {
  public let study: Study
  public let method: MethodChoice
  /// From 0.
  public let seedIndex: Int

  /// Stable id, and path below the folder of runs: `<study>/<method's label>/<seed index>`.
  public var id: String { "\(study.name)/\(method.label)/\(seedIndex)" }

  /// Name of the space that is searched.
  public var space: String { method.space ?? study.space }

  /// Names a run.
  public init(study: Study, method: MethodChoice, seedIndex: Int) {
    self.study = study
    self.method = method
    self.seedIndex = seedIndex
  }
}
