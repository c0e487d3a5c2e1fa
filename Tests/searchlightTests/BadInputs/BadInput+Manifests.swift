import TestSupport

/// Manifests of datasets; the line numbers count from the first line of `TinyDataset.yaml()`.
extension BadInput {
  private static func manifest(_ old: String, _ new: String, _ message: String) -> BadInput {
    BadInput(.manifest, TinyDataset.yaml(), old, new, message)
  }

  static let manifests: [BadInput] = [
    manifest(
      "    sha256: \(TinyDataset.test.sha256)\n", "",
      ":24: files[1]: has no checksum; give sha256, git-blob-sha1 or md5"),
    manifest(
      TinyDataset.test.sha256, "abc",
      ":27: files[1].sha256: found 'abc'; expected 64 digits from 0-9 and a-f"),
    manifest(
      "licence: none", "license: none",
      ":5: unknown key 'license'; did you mean 'licence'?"),
    manifest(
      "  height: 2", "  height: tall",
      ":8: images.height: found 'tall'; expected a whole number from 1 to 1024"),
    manifest(
      "  height: 2", "  height: 0",
      ":8: images.height: found '0'; expected a whole number from 1 to 1024"),
    manifest(
      "title: Tiny", "title: [a]",
      ":3: title: found a list; expected a text of 1 to 200 bytes"),
    manifest("citation: nobody\n", "", ":1: key 'citation' is missing"),
    manifest(
      "decoder: cifar-binary", "decoder: cifar-binari",
      ":6: decoder: unknown decoder 'cifar-binari'; did you mean 'cifar-binary'?"),
    manifest(
      "decoder: cifar-binary", "decoder: recorded-table",
      ":23: files[0]: unknown key 'split'; expected one of path, bytes, archive, sha256, "
        + "git-blob-sha1, md5"),
    manifest(
      "  validation: 1", "  validation: 1\n  inexact-test-images: [1, 2]",
      ":14: images.inexact-test-images[1]: found '2'; expected a whole number from 0 to 1"),
    manifest("images:", "table: {rows: 1}\nimages:", ":7: table: a dataset of images has no table"),
    manifest(
      "split: test", "split: tset",
      ":28: files[1].split: unknown split 'tset'; did you mean 'test'?"),
    manifest(
      "split: test", "split: training",
      ":19: files: none has split 'test'; expected one or more"),
    manifest(
      "path: tiny/test.bin", "path: ../test.bin",
      ":24: files[1].path: found '../test.bin'; expected a relative path without '..'"),
    manifest(
      "path: tiny/test.bin", "path: /test.bin",
      ":24: files[1].path: found '/test.bin'; expected a relative path without '..'"),
    manifest(
      "path: tiny/test.bin", "path: tiny/train.bin",
      ":24: files[1].path: 'tiny/train.bin' is there twice; expected it once"),
    manifest(
      "name: tiny", "name: ../tiny",
      ":1: name: found '../tiny'; expected letters, digits, '.', '_' and '-'"),
    manifest(
      "name: tiny", "name: shapes10",
      ": name: 'shapes10' is a dataset of the program; choose another name"),
    manifest(
      "validation: 1", "validation: 2",
      ":13: images.validation: found '2'; expected a whole number from 1 to 1"),
    manifest(
      "title: Tiny", "title: Tiny\ntitle: Again",
      ":3: found twice: key 'title'; expected it once"),
    manifest(
      "version: \"1\"", "version: \"1",
      ":29: cannot be read as YAML: found unexpected end of stream"),
    manifest(
      "file: tiny.tar", "file: a/tiny.tar",
      ":15: archives[0].file: found 'a/tiny.tar'; expected a name without folders"),
    manifest(
      "archive: tiny.tar\n    bytes: 26", "archive: other.tar\n    bytes: 26",
      ":20: files[0].archive: unknown archive 'other.tar'; expected one of tiny.tar"),
    manifest(
      "bytes: 26", "bytes: 68719476737",
      ":21: files[0].bytes: found '68719476737'; expected a whole number from 1 to 68719476736"),
    manifest(
      "    bytes: 1\n", "    bytes: 1\n    addresses: [ftp://host/tiny.tar]\n",
      ":17: archives[0].addresses[0]: found 'ftp://host/tiny.tar'; expected http, https, "
        + "file or a relative path"),
    manifest(
      "classes: [cat, dog]", "classes: [cat]",
      ":11: images.classes: found a list of 1; expected a list of 2 to 256"),
    manifest(
      "licence: none", "licence: none\nlimits: {entries: 0}",
      ":6: limits.entries: found '0'; expected a whole number from 1 to 10000000"),
  ]
}
