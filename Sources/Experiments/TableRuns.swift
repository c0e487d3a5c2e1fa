import Foundation
import SearchCore
import Synchronization

/// Runs on recorded tables, done by threads of this process.
///
/// A thread takes one run after another and prepares its own evaluators, so that threads share
/// nothing of a run. What they do share is behind an atomic number, the next run, and a lock, the
/// news for the thread that started them: runs are too short for a process each.
final class TableRuns: Sendable {
  /// What happens to a run, by its number.
  enum News: Sendable {
    case begun(Int)
    case ended(Int, RunExecutor.End, RunProgress?)
    case failed(Int, String)
    /// A thread has nothing left to do.
    case threadEnded
  }

  private let suite: Suite
  private let runs: [RunSpecification]
  private let indices: [Int]
  private let workbench: any Workbench & Sendable
  private let folder: ResultsFolder
  private let environment: [EnvironmentFact]
  private let stop: StopFlag

  private let next = Atomic(0)
  private let news = Mutex<[News]>([])
  private let isNews = DispatchSemaphore(value: 0)

  /// Prepares runs, which begin in the order of `indices`.
  init(
    _ indices: [Int], of runs: [RunSpecification], suite: Suite,
    workbench: any Workbench & Sendable, folder: ResultsFolder, environment: [EnvironmentFact],
    stop: StopFlag
  ) {
    self.indices = indices
    self.runs = runs
    self.suite = suite
    self.workbench = workbench
    self.folder = folder
    self.environment = environment
    self.stop = stop
  }

  /// Does the runs on so many threads, and tells what happens on the thread of the caller.
  func run(threads: Int, tell: (News) -> Void) {
    var working = min(threads, indices.count)
    for _ in 0..<working {
      let thread = Thread { [self] in work() }
      // As much as a process's first thread has.
      thread.stackSize = 8 << 20
      thread.start()
    }
    while working > 0 {
      isNews.wait()
      let found = news.withLock { news in
        defer { news = [] }
        return news
      }
      for item in found {
        if case .threadEnded = item { working -= 1 } else { tell(item) }
      }
    }
  }

  private func post(_ item: News) {
    news.withLock { $0.append(item) }
    isNews.signal()
  }

  private func work() {
    var prepared: (study: Study, space: String, evaluator: any Evaluator)?
    while !stop.isRaised {
      let position = next.add(1, ordering: .relaxed).oldValue
      guard position < indices.count else { break }
      let index = indices[position]
      let run = runs[index]
      post(.begun(index))
      do {
        if prepared?.study != run.study || prepared?.space != run.space {
          prepared = nil
          prepared = (
            run.study, run.space,
            try workbench.evaluator(of: run.study, space: run.space, in: suite)
          )
        }
        guard let evaluator = prepared?.evaluator else { continue }
        let end = try workbench.execute(
          run, of: suite, evaluator: evaluator, in: folder, environment: environment,
          clock: ThreadClock(), stop: stop)
        post(.ended(index, end, RunProgress.read(folder.progress(of: run))))
      } catch {
        post(.failed(index, "\(error)"))
      }
    }
    post(.threadEnded)
  }
}

/// The system's clocks for a run that has a thread for itself: another run's time is not its own.
struct ThreadClock: RunClock {
  func monotonicSeconds() -> Double { SystemClock().monotonicSeconds() }
  func unixSeconds() -> Int { SystemClock().unixSeconds() }

  func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
