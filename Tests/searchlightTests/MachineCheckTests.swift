import Testing
import searchlight

@Suite struct MachineCheckTests {
  @Test(arguments: [
    ([:], "AVX-512", "good     BLAS kernel: chosen by OpenBLAS"),
    (
      ["OPENBLAS_CORETYPE": "SkylakeX"], "AVX-512",
      "good     BLAS kernel: OPENBLAS_CORETYPE is exported as SkylakeX"
    ),
    (
      ["OPENBLAS_CORETYPE": "Haswell"], "AVX-512",
      "warning  BLAS kernel: OPENBLAS_CORETYPE is exported as Haswell; it does not fit this "
        + "processor (AVX-512); type 'unset OPENBLAS_CORETYPE'"
    ),
    (
      ["OPENBLAS_CORETYPE": "Haswell"], "AVX2",
      "good     BLAS kernel: OPENBLAS_CORETYPE is exported as Haswell"
    ),
  ])
  func anExportedKernelMustFitTheProcessor(
    environment: [String: String], instructionSet: String, line: String
  ) {
    #expect(
      MachineCheck.blasKernel(environment, instructionSet: instructionSet).line == line)
  }
}
