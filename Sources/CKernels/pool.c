// A fork-join pool whose chunks are claimed one at a time.
//
// The caller works too and waits only for chunks that a worker has actually claimed, so a worker
// that the system has put aside costs one chunk and not the whole launch: with fixed halves and
// pure spinning, another busy process made every launch take two scheduler slices (8 ms).
#define _GNU_SOURCE
#include "CKernels.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

// About 100 microseconds of spinning before a worker sleeps, and a short spin before yielding.
enum { SPIN_BEFORE_SLEEP = 20000, SPIN_BEFORE_YIELD = 2000 };

typedef struct {
  float *data;
  size_t floats;
} scratch;

struct ck_pool {
  int threads;
  // Generation (24 bits), chunks (20), next chunk (20) in one word: a claim is one
  // compare-and-swap, and can never take a chunk of a launch that has ended.
  _Atomic uint64_t ticket;
  _Atomic uint32_t wake;
  _Atomic int finished, sleepers, stopping;
  ck_task task;
  void *context;
  pthread_t *workers;
  scratch *scratches;  // one a thread, then the shared one
};

typedef struct {
  ck_pool *pool;
  int thread;
} worker_start;

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  sched_yield();
#endif
}

static void sleep_while(_Atomic uint32_t *word, uint32_t value) {
#if defined(__linux__)
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
#else
  (void)word, (void)value;
  sched_yield();
#endif
}

static void wake_all(_Atomic uint32_t *word) {
#if defined(__linux__)
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1 << 20, NULL, NULL, 0);
#else
  (void)word;
#endif
}

static int claim(ck_pool *pool, int *chunk) {
  uint64_t ticket = atomic_load_explicit(&pool->ticket, memory_order_acquire);
  for (;;) {
    uint32_t next = ticket & 0xFFFFF, chunks = (ticket >> 20) & 0xFFFFF;
    if (next >= chunks) return 0;
    if (atomic_compare_exchange_weak_explicit(&pool->ticket, &ticket, ticket + 1,
                                              memory_order_acq_rel, memory_order_acquire)) {
      *chunk = (int)next;
      return 1;
    }
  }
}

static void work(ck_pool *pool, int thread) {
  int chunk;
  while (claim(pool, &chunk)) {
    pool->task(pool->context, chunk, thread);
    atomic_fetch_add_explicit(&pool->finished, 1, memory_order_release);
  }
}

static void *worker_main(void *argument) {
  worker_start start = *(worker_start *)argument;
  free(argument);
  ck_pool *pool = start.pool;
  uint32_t seen = 0;
  for (;;) {
    int spins = 0;
    uint32_t now;
    while ((now = atomic_load_explicit(&pool->wake, memory_order_acquire)) == seen) {
      if (++spins < SPIN_BEFORE_SLEEP) {
        relax();
      } else {
        atomic_fetch_add(&pool->sleepers, 1);
        sleep_while(&pool->wake, seen);
        atomic_fetch_sub(&pool->sleepers, 1);
        spins = 0;
      }
    }
    seen = now;
    if (atomic_load(&pool->stopping)) return NULL;
    work(pool, start.thread);
  }
}

ck_pool *ck_pool_create(int threads) {
  ck_pool *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  pool->scratches = calloc((size_t)threads + 1, sizeof *pool->scratches);
  pool->workers = calloc((size_t)threads, sizeof *pool->workers);
  pool->threads = 1;
  if (!pool->scratches || !pool->workers) {
    ck_pool_destroy(pool);
    return NULL;
  }
  while (pool->threads < threads) {
    worker_start *start = malloc(sizeof *start);
    if (start) *start = (worker_start){pool, pool->threads};
    if (!start ||
        pthread_create(&pool->workers[pool->threads - 1], NULL, worker_main, start) != 0) {
      free(start);
      ck_pool_destroy(pool);
      return NULL;
    }
    pool->threads++;
  }
  return pool;
}

void ck_pool_destroy(ck_pool *pool) {
  atomic_store(&pool->stopping, 1);
  atomic_fetch_add(&pool->wake, 1);
  wake_all(&pool->wake);
  for (int i = 0; i + 1 < pool->threads; i++) pthread_join(pool->workers[i], NULL);
  if (pool->scratches)
    for (int i = 0; i <= pool->threads; i++) free(pool->scratches[i].data);
  free(pool->scratches);
  free(pool->workers);
  free(pool);
}

int ck_pool_threads(const ck_pool *pool) { return pool->threads; }

void ck_parallel(ck_pool *pool, int chunks, ck_task task, void *context) {
  if (pool->threads == 1 || chunks == 1) {
    for (int chunk = 0; chunk < chunks; chunk++) task(context, chunk, 0);
    return;
  }
  pool->task = task;
  pool->context = context;
  atomic_store_explicit(&pool->finished, 0, memory_order_relaxed);
  uint64_t generation = (atomic_load_explicit(&pool->ticket, memory_order_relaxed) >> 40) + 1;
  atomic_store_explicit(&pool->ticket, generation << 40 | (uint64_t)chunks << 20,
                        memory_order_release);
  atomic_fetch_add(&pool->wake, 1);
  if (atomic_load(&pool->sleepers)) wake_all(&pool->wake);
  work(pool, 0);
  int spins = 0;
  while (atomic_load_explicit(&pool->finished, memory_order_acquire) < chunks) {
    if (++spins < SPIN_BEFORE_YIELD) relax();
    else sched_yield();
  }
}

static float *grow(scratch *scratch, size_t floats) {
  if (scratch->floats < floats) {
    free(scratch->data);
    size_t bytes = (floats * sizeof(float) + 4095) & ~(size_t)4095;
    scratch->data = aligned_alloc(4096, bytes);
    if (!scratch->data) {
      // A few images and filter banks: a machine without that much memory cannot go on.
      fprintf(stderr,
              "searchlight: the system refused %zu MiB of working memory for a kernel; "
              "free memory, or use fewer threads or a smaller network\n",
              bytes >> 20);
      _Exit(EXIT_FAILURE);
    }
    scratch->floats = bytes / sizeof(float);
  }
  return scratch->data;
}

void ck_reserve_scratch(ck_pool *pool, size_t floats) {
  for (int thread = 0; thread < pool->threads; thread++) grow(&pool->scratches[thread], floats);
}

float *ck_scratch(ck_pool *pool, int thread) { return pool->scratches[thread].data; }

float *ck_shared_scratch(ck_pool *pool, size_t floats) {
  return grow(&pool->scratches[pool->threads], floats);
}

size_t ck_pool_scratch_bytes(const ck_pool *pool) {
  size_t floats = 0;
  for (int i = 0; i <= pool->threads; i++) floats += pool->scratches[i].floats;
  return floats * sizeof(float);
}

void *ck_memory_map(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return NULL;
#if defined(MADV_HUGEPAGE)
  madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}
