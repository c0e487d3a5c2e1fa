/// Device profiles.
extension BadInput {
  private static let goodProfile = """
    device: bad
    title: Bad
    peak-gigaflops: 4290
    peak-gigabytes-per-second: 288
    gigabytes-per-second: 190
    launch-microseconds: 10
    input-microseconds-per-example: 200
    gigaflops-per-second:
      dense-convolution: 1700
      pointwise-convolution: 1200
      matrix-product: 2400
      depthwise-convolution: 43
      recurrent-product: 600
    sources: [by hand]
    """

  private static func profile(_ old: String, _ new: String, _ message: String) -> BadInput {
    BadInput(.deviceProfile, goodProfile, old, new, message)
  }

  static let deviceProfiles: [BadInput] = [
    profile(
      "dense-convolution: 1700", "dense-convolution: 17000",
      ":9: gigaflops-per-second.dense-convolution: found '17000'; expected a number from "
        + "0.001 to 4290"),
    profile(
      "device: bad", "device: Bad",
      ":1: device: found 'Bad'; expected lower-case letters, digits and '-'"),
    profile(
      "  matrix-product: 2400\n", "",
      ":9: gigaflops-per-second: key 'matrix-product' is missing"),
    profile(
      "  matrix-product: 2400", "  matrix-products: 2400",
      ":11: gigaflops-per-second: unknown key 'matrix-products'; did you mean 'matrix-product'?"),
    profile(
      "launch-microseconds: 10", "launch-microseconds: -1",
      ":6: launch-microseconds: found '-1'; expected a number from 0 to 1000000"),
    profile(
      "second: 190", "second: 289",
      ":5: gigabytes-per-second: found '289'; expected a number from 0.001 to 288"),
    profile(
      "peak-gigaflops: 4290", "peak-gigaflops: .inf",
      ":3: peak-gigaflops: found '.inf'; expected a number from 1 to 1000000000"),
    profile("title: Bad", "title:", ":2: title: found nothing; expected a text of 1 to 200 bytes"),
    profile("[by hand]", "[]", ":14: sources: found a list of 0; expected a list of 1 to 50"),
  ]
}
