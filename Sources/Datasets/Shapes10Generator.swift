import Randomness

/// Draws shapes10: small images of a textured shape, in CIFAR-10's binary layout.
///
/// The class is one of five shapes times one of two textures. Everything else is nuisance and drawn
/// alike for all classes: place, size, rotation, colours, a shaded background, clutter, a bar across,
/// noise. Colour tells nothing of the class, so a model must see form and texture. Integers only (the
/// rotation table comes from `PortableMath`), so the bytes are the same on every machine.
public struct Shapes10Generator: Sendable {
  /// Names of the classes, in the order of the labels.
  public static let classes = [
    "striped-disk", "checked-disk", "striped-square", "checked-square", "striped-triangle",
    "checked-triangle", "striped-cross", "checked-cross", "striped-ring", "checked-ring",
  ]
  /// Images in each file, the same number of each class.
  public static let recordsPerFile = 2000
  /// Files of training images; one more holds the test images.
  public static let trainingFiles = 4
  /// Edge of an image, in pixels.
  package static let edge = 32
  /// Folder of the files in the archive.
  package static let folder = "shapes10-batches-bin"

  /// Part of the dataset's definition: another seed would be another dataset.
  private static let key = RandomKey(seed: 10).child("shapes10")

  public init() {}

  /// Draws all files: training batches, test batch, and the classes' names.
  public func files() -> [GeneratedFile] {
    var files = (1...Self.trainingFiles).map { batch in
      GeneratedFile(
        path: "\(Self.folder)/data_batch_\(batch).bin",
        bytes: records(key: Self.key.child("training", batch)))
    }
    files.append(
      GeneratedFile(
        path: "\(Self.folder)/test_batch.bin", bytes: records(key: Self.key.child("test"))))
    let names = Self.classes.map { $0 + "\n" }.joined()
    files.append(GeneratedFile(path: "\(Self.folder)/batches.meta.txt", bytes: Array(names.utf8)))
    return files
  }

  /// Draws one file's records: a label, then the red, green and blue planes.
  private func records(key: RandomKey) -> [UInt8] {
    var labels = (0..<Self.recordsPerFile).map { UInt8($0 % Self.classes.count) }
    var generator = key.child("labels").generator()
    generator.shuffle(&labels)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.recordsPerFile * (1 + 3 * Self.edge * Self.edge))
    for (index, label) in labels.enumerated() {
      let scene = Shapes10Scene(label: Int(label), key: key.child("image", index))
      let image = scene.render()
      bytes.append(label)
      for channel in 0..<3 {
        // 8 levels a channel: 0, 36, …, 252.
        for colour in image { bytes.append(UInt8(colour[channel] * 36)) }
      }
    }
    return bytes
  }
}
