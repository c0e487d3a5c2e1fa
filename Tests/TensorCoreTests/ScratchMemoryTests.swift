import CKernels
import Testing

/// What the kernels say when the system has no memory left for them.
@Suite struct ScratchMemoryTests {
  @Test func refusedMemoryEndsInOneLine() async throws {
    let result = try await #require(
      processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
    ) {
      // More than any address space has.
      _ = ck_shared_scratch(ck_pool_create(1), 1 << 58)
    }
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(
      text == """
        searchlight: the system refused 1099511627776 MiB of working memory for a kernel; \
        free memory, or use fewer threads or a smaller network

        """)
  }
}
