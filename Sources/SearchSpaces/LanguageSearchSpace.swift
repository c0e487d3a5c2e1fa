import NeuralNetworks
import SearchCore
import TensorCore

/// A search space of recurrent cells: an architecture becomes a language model.
///
/// Its models have no weight dropout, and their hidden dropout has one mask for all steps.
public protocol LanguageSearchSpace: SearchSpace {
  /// How the paper trains its models of found cells, and how large they are.
  static var paperRecipe: TrainingProtocol { get }

  /// Builds the model of an architecture; parameters are declared, not drawn.
  ///
  /// - Parameter words: Size of the vocabulary.
  func model(
    of architecture: Architecture, words: Int, training: TextTraining
  ) -> any LanguageModel
}

/// A space of recurrent cells whose architectures are paths through one model.
public protocol WeightSharingLanguageSpace: LanguageSearchSpace {
  /// Declares the weights of all paths.
  func sharedWeights(words: Int, training: TextTraining) -> any SharedLanguagePaths
}

/// Weights that all recurrent cells of a space share.
public protocol SharedLanguagePaths: AnyObject {
  var parameters: Parameters { get }
  /// The path of an architecture: a model over these parameters, of which only the path's run.
  func child(of architecture: Architecture) -> any LanguageModel
}
