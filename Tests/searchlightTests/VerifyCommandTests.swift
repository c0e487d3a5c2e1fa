import Foundation
import Testing

/// `searchlight verify` as it is typed, on what the project ships.
@Suite(.enabled(if: ProgramRun.isThere)) struct VerifyCommandTests {
  private func run(_ arguments: [String], _ environment: [String: String] = [:]) throws
    -> ProgramRun.End
  {
    try ProgramRun(suite: .table, ownFiles: true)(["verify"] + arguments, environment: environment)
  }

  private static func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// Counts need no data: every claim of the level is as expected.
  @Test func parametersAreAsExpected() throws {
    let end = try run(["--level", "architecture"])
    #expect(end.code == 0, "\(end.output)\(end.errors)")
    #expect(end.errors.hasPrefix("searchlight: estimated: architecture: 28 claims, about "))
    #expect(end.output.hasSuffix("28 claims: 28 as expected\n"))
    #expect(
      end.output.contains(
        "reproduced      resnet/resnet-110/parameters\n"
          + "    1.728 million parameters against 1.7 million parameters, margin 0.05; exactly "
          + "1727962\n"))
    #expect(end.output.contains("not reproduced  fractalnet/fractalnet-21/parameters\n"))
  }

  /// Weights of PyTorch's in half precision, which counted 25 of the 2,000 test images as wrong.
  @Test func shippedWeightsAreAsExpected() throws {
    let end = try run(["--claims", "searchlight/"])
    #expect(end.code == 0, "\(end.output)\(end.errors)")
    #expect(end.output.contains("25 wrong images against 25 wrong images, margin 0\n"))
  }

  /// One bit of a weight, and a claim that is off by one.
  @Test func spoiltWeightsAndClaimsAreNamed() throws {
    let project = try ProgramRun(suite: .table, ownFiles: true)
    let claims = project.home.appending(path: "Benchmarks/claims/searchlight.csv")
    let text = try String(contentsOf: claims, encoding: .utf8)
    try Data(text.replacing("wrong-test-images,25,", with: "wrong-test-images,24,").utf8)
      .write(to: claims)
    let off = try project(["verify", "--claims", "searchlight/"])
    #expect(off.code == 1)
    #expect(off.output.contains("25 wrong images against 24 wrong images, margin 0\n"))

    let weights = project.home.appending(path: "Benchmarks/claims/weights/resnet-8-shapes10.pt")
    var bytes = try Data(contentsOf: weights)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: weights)
    let spoilt = try project(["verify", "--claims", "searchlight/"])
    #expect(spoilt.code == 3)
    #expect(
      spoilt.output.contains("resnet-8-shapes10.pt is another file than the archived one"))
  }

  @Test func whatIsNotThereIsNotMeasured() throws {
    let end = try run(["--level", "checkpoint,replay"])
    #expect(end.code == 3)
    #expect(end.output.contains("there is no file resnet20-12fca82f.th in "))
    #expect(end.output.contains("searchlight data import nasbench201"))
    #expect(end.output.hasSuffix("10 claims: 1 as expected, 9 not measured\n"))
  }

  @Test func theReportIsTheSameTwice() throws {
    let first = try run(["--level", "architecture", "--json", "--threads", "1"])
    let second = try run(["--level", "architecture", "--json", "--threads", "2"])
    #expect(first.code == 0 && first.output == second.output)
    #expect(try Self.object(first.output)["exitCode"] as? Int == 0)
  }

  @Test func everyFormatIsWritten() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func file(_ name: String) -> String { folder.appending(path: name).path }
    let end = try run(
      [
        "--claims", "resnet/,fractalnet/", "--level", "architecture", "--junit", file("junit.xml"),
        "--sarif", file("verify.sarif"), "--in-toto", file("statement.json"), "--badge",
        file("badge.json"), "--github",
      ], ["GITHUB_STEP_SUMMARY": file("summary.md")])
    #expect(end.code == 0, "\(end.errors)")
    func text(_ name: String) throws -> String {
      try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
    #expect(try text("junit.xml").contains("tests=\"7\" failures=\"0\""))
    #expect(try Self.object(text("verify.sarif"))["version"] as? String == "2.1.0")
    #expect(try Self.object(text("badge.json"))["message"] as? String == "7 of 7 as expected")
    let subjects = try Self.object(text("statement.json"))["subject"] as? [[String: Any]]
    #expect(
      subjects?.compactMap { $0["name"] as? String } == [
        "searchlight", "Benchmarks/claims/fractalnet.csv", "Benchmarks/claims/resnet.csv",
      ])
    #expect(try text("summary.md").hasPrefix("## Published figures: 7 claims: 7 as expected"))
  }

  /// A network is trained once for each seed; what is on record is not trained again, and judged the
  /// same to the bit.
  @Test func aTrainingIsDoneOnceAndKept() throws {
    let project = try ProgramRun(suite: .table, ownFiles: true)
    let claims = project.home.appending(path: "Benchmarks/claims")
    let header = try String(contentsOf: claims.appending(path: "searchlight.csv"), encoding: .utf8)
      .split(separator: "\n")[0]
    let row =
      "small/resnet-8/test-error,network,,resnet-8,,shapes10,test-error,90,,,unstated,,,,,,here,"
      + "verified,,,training,recipe=budgeted epochs=1 training-images=320 validation-images=80,5,,"
    try Data("\(header)\n\(row)\n".utf8).write(to: claims.appending(path: "small.csv"))
    let arguments = ["verify", "--level", "training", "--claims", "small/"]
    let one = try project(arguments)
    #expect(one.code == 2, "\(one.output)\(one.errors)")
    #expect(one.output.contains("one run says nothing of its spread"))
    let two = try project(arguments + ["--runs", "2", "--json", "--threads", "1"])
    #expect([0, 1, 2].contains(two.code), "\(two.errors)")
    let trained = project.home.appending(path: "reports/trained")
    let folders = try FileManager.default.contentsOfDirectory(atPath: trained.path)
      .filter { !$0.hasPrefix(".") }.sorted()
    #expect(folders == ["resnet-8-shapes10-budgeted-1", "resnet-8-shapes10-budgeted-2"])
    let again = try project(arguments + ["--runs", "2", "--json", "--threads", "2"])
    #expect(again.output == two.output && again.code == two.code)
    #expect(again.errors.contains("training: 1 claims, about 0.0 s"))
  }

  /// A claim that is shifted by more than its margin fails, and a baseline says so too.
  @Test func aShiftedClaimFails() throws {
    let project = try ProgramRun(suite: .table, ownFiles: true)
    let file = project.home.appending(path: "Benchmarks/claims/resnet.csv")
    let arguments = ["verify", "--level", "architecture", "--claims", "resnet/resnet-110/"]
    let before = try project(arguments + ["--json"])
    #expect(before.code == 0)
    let baseline = project.home.appending(path: "before.json")
    try Data(before.output.utf8).write(to: baseline)
    #expect(try project(arguments + ["--baseline", baseline.path]).code == 0)

    let text = try String(contentsOf: file, encoding: .utf8)
    try Data(text.replacing("parameters,1.7,,1,single", with: "parameters,1.6,,1,single").utf8)
      .write(to: file)
    let end = try project(arguments + ["--baseline", baseline.path])
    #expect(end.code == 1)
    #expect(
      end.errors.contains(
        "worse than the baseline: resnet/resnet-110/parameters: was reproduced, is not "
          + "reproduced\n"))
  }

  @Test func theBudgetIsKept() throws {
    let end = try run(["--level", "architecture", "--budget", "0.0105"])
    #expect(end.code == 3)
    #expect(end.output.hasSuffix("28 claims: 10 as expected, 18 not measured\n"), "\(end.output)")
  }

  @Test(arguments: [
    (["--level", "cheap"], "The value 'cheap' is invalid for '--level <level>'"),
    (["--runs", "0"], "--runs is 0; 1 to 100,000 expected"),
    (["--budget", "0"], "--budget is 0.0; seconds above 0 expected"),
    (["--threads", "0"], "--threads is 0; 1 to 1024 expected"),
    (
      ["--claims", "resnett/resnet-110/parameters"], "did you mean 'resnet/resnet-110/parameters'?"
    ),
    (["--claims", "pc-darts/"], "no claim is of these levels"),
    (["--baseline", "/nowhere"], "--baseline: '/nowhere' cannot be read"),
  ])
  func wrongUsageIs64(arguments: [String], message: String) throws {
    let end = try run(arguments)
    #expect(end.code == 64 && end.errors.contains(message), "\(end.errors)")
    #expect(end.output.isEmpty)
  }

  /// Not 1, which would mean that a figure is not reproduced.
  @Test func aBrokenRegistryIs70() throws {
    let project = try ProgramRun(suite: .table, ownFiles: true)
    try Data("id\n".utf8).write(
      to: project.home.appending(path: "Benchmarks/claims/aaa.csv"))
    func file(_ name: String) -> URL { project.home.appending(path: name) }
    let end = try project([
      "verify", "--junit", file("j.xml").path, "--sarif", file("s.json").path, "--badge",
      file("b.json").path, "--in-toto", file("i.json").path,
    ])
    #expect(end.code == 70)
    #expect(try String(contentsOf: file("j.xml"), encoding: .utf8).contains("errors=\"1\""))
    let sarif = try String(contentsOf: file("s.json"), encoding: .utf8)
    #expect(sarif.contains("\"executionSuccessful\" : false") && sarif.contains("aaa.csv:1: "))
    #expect(try String(contentsOf: file("b.json"), encoding: .utf8).contains("\"isError\" : true"))
    #expect(!FileManager.default.fileExists(atPath: file("i.json").path))
    #expect(end.errors.hasPrefix("searchlight: aaa.csv:1: the header must be "))
  }
}
