import SearchCore
import SearchSpaces

/// Seconds that NAS-Bench-201's authors' training took on a GTX 1080 Ti, modelled.
///
/// Recorded seconds an epoch are known to us for three cells only; a line in the number of 3x3
/// convolutions and the number of 1x1 convolutions and pools passes through all three, because it
/// has three coefficients. What it gives for any other cell is a model, never a record.
///
/// Source of the three records: Dong & Yang, arXiv 2001.00326, files of the benchmark; batch 256,
/// 25,000 training images.
public enum NASBench201TimeModel {
  /// What a report prints beside costs from this model.
  public static let label =
    "modelled: GTX 1080 Ti seconds from a line through three recorded cells; FLOPs unknown"

  /// Seconds of one pass over 25,000 training images.
  public static func secondsPerEpoch(of architecture: Architecture) -> Double {
    var seconds = 3.7035
    for choice in architecture.choices {
      switch NASBench201.operations[choice] {
      case "nor_conv_3x3": seconds += 2.1378
      case "nor_conv_1x1", "avg_pool_3x3": seconds += 1.1725
      default: break
      }
    }
    return seconds
  }

  /// Seconds of a search's trial: 12 epochs of training and 2 s of validation.
  public static func trialSeconds(of architecture: Architecture) -> Double {
    12 * secondsPerEpoch(of: architecture) + 2
  }
}
