import Experiments
import Testing

@Suite struct OpenBLASKernelTests {
  @Test(arguments: [("AVX-512", "SkylakeX"), ("AVX2", "Haswell"), ("generic", nil), (nil, nil)])
  func theBestKernelFitsTheProcessor(instructionSet: String?, kernel: String?) throws {
    #expect(try OpenBLASKernel.choose(named: nil, on: instructionSet) == kernel)
  }

  @Test(arguments: [("Haswell", "AVX-512"), ("SkylakeX", "AVX-512"), ("Zen", "AVX2")])
  func aSuitesKernelComesFirst(kernel: String, instructionSet: String) throws {
    #expect(try OpenBLASKernel.choose(named: kernel, on: instructionSet) == kernel)
  }

  @Test func aKernelThatTheProcessorCannotRunIsRefused() {
    let error = #expect(throws: SuiteError.self) {
      try OpenBLASKernel.choose(named: "SkylakeX", on: "AVX2")
    }
    #expect(
      error.map { "\($0)" }
        == "the suite's openblas-kernel is 'SkylakeX', which this processor (AVX2) cannot run; "
        + "expected one of Haswell, Nehalem, Sandybridge, Zen")
  }

  @Test(
    arguments: [
      (
        "SkylakeX", false, ["OPENBLAS_CORETYPE": "Haswell"],
        "OPENBLAS_CORETYPE=Haswell is exported; OpenBLAS runs SkylakeX, the best of this processor"
      ),
      (
        "Haswell", true, ["OPENBLAS_CORETYPE": "Zen"],
        "OPENBLAS_CORETYPE=Zen is exported; OpenBLAS runs Haswell, which the suite names"
      ),
      ("SkylakeX", false, ["OPENBLAS_CORETYPE": "skylakex"], nil),
      ("SkylakeX", false, ["OPENBLAS_CORETYPE": ""], nil),
      ("SkylakeX", false, [:], nil),
      (nil, false, ["OPENBLAS_CORETYPE": "Haswell"], nil),
    ] as [(String?, Bool, [String: String], String?)])
  func anOverriddenKernelIsSaid(
    kernel: String?, isNamed: Bool, environment: [String: String], line: String?
  ) {
    #expect(
      OpenBLASKernel.notice(running: kernel, isNamed: isNamed, overriding: environment) == line)
  }
}
