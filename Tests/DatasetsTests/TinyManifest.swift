import Datasets
import Foundation
import TestSupport

extension TinyDataset {
  /// The manifest, read.
  static func manifest(_ yaml: String = yaml()) throws -> DatasetManifest {
    try DatasetManifest(yaml: yaml, source: URL(filePath: "tiny.yaml"))
  }
}
