import NeuralNetworks
import SearchSpaces

extension CellNetworkReferenceTests {
  /// Every operation of NASNet, joined blocks and what reads them, inputs among the outputs, also
  /// of a reduction.
  private static let mixed = """
    normal 1x3_3x1(0)&none(1) | 1x7_7x1(2)+max_pool_5x5(1) | \
    dilated_3x3_rate_2(2)+avg_pool_3x3(2) | 3x3(3)&1x1(2) | none(2)+separable_7x7_2(2) | \
    joins 0 1 4 5 6; reduction 1x7_7x1(1)+max_pool_7x7(1) | none(1)&3x3(1) | \
    dilated_3x3_rate_2(1)+1x3_3x1(1) | separable_3x3_2(3)+max_pool_3x3(1) | \
    1x1(1)+avg_pool_3x3(3) | joins 0 2 4 5 6
    """

  private static func network(
    _ cells: CellPair, _ wiring: CellWiring, dropPath: Float, growsWithDepth: Bool = true
  ) -> CellNetwork {
    var options = NetworkOptions()
    options.hasAuxiliaryHead = true
    options.dropPath = DropPath(finalProbability: dropPath, growsWithDepth: growsWithDepth)
    return CellNetwork(
      cells: cells, wiring: wiring, channels: 4, cellsPerStage: 1, classes: 5, options: options)
  }

  /// The networks of the papers other than DARTS' own.
  static let wiredCases = [
    NetworkCase(
      testDescription: "nasnet-a", size: 32, images: 23, loss: 2.10847432,
      make: { network(NASNetCells.found, .nasnet, dropPath: 0.4) },
      parts: [
        .init("auxiliary.bn1", -0.0249324611, 0.168837841),
        .init("auxiliary.bn2", -0.0166467296, 0.172612941),
        .init("auxiliary.classifier", 0.0427663414, 3.4588414),
        .init("auxiliary.conv1", 0.194026408, 1.4682482),
        .init("auxiliary.conv2", -0.970399258, 7.43146972),
        .init("cells.0", 0.0386970548, 1.93416099),
        .init("cells.1", -0.565116523, 1.93990903),
        .init("cells.2", 0.0418160712, 1.72996474),
        .init("cells.3", -0.00987900685, 0.86603776),
        .init("cells.4", 0.11738748, 1.54144162),
        .init("classifier.bias", -0.131454379, 0.35766936),
        .init("classifier.weight", 1.09108941, 3.63113735),
        .init("stem.bn", -0.187979193, 0.390571513),
        .init("stem.conv", -0.062476108, 2.35991407),
      ]),
    NetworkCase(
      testDescription: "amoebanet-a", size: 32, images: 6, loss: 2.67860667,
      make: { network(AmoebaNetCells.found, .amoebanet, dropPath: 0.3) },
      parts: [
        .init("auxiliary.bn1", 0.0631810617, 0.284885233),
        .init("auxiliary.bn2", -0.0813364541, 0.19214727),
        .init("auxiliary.classifier", -0.0565987807, 3.88451009),
        .init("auxiliary.conv1", -0.491317961, 1.3203435),
        .init("auxiliary.conv2", 1.92045886, 8.80014899),
        .init("cells.0", 0.222816638, 2.21660952),
        .init("cells.1", 1.40870208, 3.00303543),
        .init("cells.2", 0.810330996, 2.31533069),
        .init("cells.3", 0.327838859, 1.09491473),
        .init("cells.4", -0.385914679, 2.00615977),
        .init("classifier.bias", -0.13442685, 0.335757166),
        .init("classifier.weight", 1.31354241, 2.20865726),
        .init("stem.bn", -0.10869056, 0.518815349),
        .init("stem.conv", 0.791597548, 2.95559082),
      ]),
    NetworkCase(
      testDescription: "nasnet-mixed", size: 32, images: 10, loss: 2.40222423,
      make: { network(try NASNetCells().cells(in: mixed), .nasnet, dropPath: 0) },
      parts: [
        .init("auxiliary.bn1", -0.113062889, 0.261997455),
        .init("auxiliary.bn2", 0.0297397918, 0.186101686),
        .init("auxiliary.classifier", 0.432129469, 3.86748422),
        .init("auxiliary.conv1", 0.864337015, 1.88383222),
        .init("auxiliary.conv2", -6.22856369, 9.78381198),
        .init("cells.0", -0.484511208, 3.54128005),
        .init("cells.1", -0.786673215, 3.40261101),
        .init("cells.2", 0.739003601, 3.73327023),
        .init("cells.3", -0.559385249, 1.28669406),
        .init("cells.4", 0.0777135029, 1.30805823),
        .init("classifier.bias", -0.123993328, 0.293337088),
        .init("classifier.weight", 0.762463614, 1.72648494),
        .init("stem.bn", 0.0502565623, 0.57170285),
        .init("stem.conv", -2.21074399, 5.04930144),
      ]),
    NetworkCase(
      testDescription: "enas-final", size: 32, images: 21, loss: 3.0144765,
      make: { network(try ENASMicro().cells(in: ENASMicro.published), .enas, dropPath: 0.4) },
      parts: [
        .init("auxiliary.bn1", -0.0393682154, 0.278167314),
        .init("auxiliary.bn2", 0.0586838677, 0.178243646),
        .init("auxiliary.classifier", 1.17150311, 3.69126001),
        .init("auxiliary.conv1", 0.0270396965, 2.31975334),
        .init("auxiliary.conv2", 2.59756913, 4.82338717),
        .init("cells.0", -2.39313072, 7.32299974),
        .init("cells.1", 0.159442813, 5.00548131),
        .init("cells.2", 1.21179497, 3.9656883),
        .init("cells.3", -0.886127794, 2.44585943),
        .init("cells.4", -1.20135129, 3.31691754),
        .init("classifier.weight", 1.85022067, 2.983364),
        .init("stem.bn", 0.357799098, 1.775227),
        .init("stem.conv", -3.17294199, 7.36774424),
      ]),
    NetworkCase(
      testDescription: "amoebanet-a-darts", size: 32, images: 15, loss: 2.77481013,
      make: {
        network(DARTSCells.amoebaNet, .darts, dropPath: 0.2, growsWithDepth: false)
      },
      parts: [
        .init("auxiliary.bn1", -0.120688224, 0.282961908),
        .init("auxiliary.bn2", 0.0591463193, 0.183656184),
        .init("auxiliary.classifier", 2.11386039, 3.60899039),
        .init("auxiliary.conv1", -0.0218049679, 2.15309228),
        .init("auxiliary.conv2", -1.8878899, 4.79243255),
        .init("cells.0", 1.23684719, 2.78859673),
        .init("cells.1", 0.859647612, 4.07848153),
        .init("cells.2", -0.552816599, 2.09545486),
        .init("cells.3", -1.49925722, 3.82306356),
        .init("cells.4", -0.254931412, 3.36345143),
        .init("classifier.bias", -0.0424368241, 0.249145082),
        .init("classifier.weight", -0.104873669, 2.91414356),
        .init("stem.bn", -0.0370904986, 0.78289927),
        .init("stem.conv", 1.56985495, 4.38522172),
      ]),
  ]
}
