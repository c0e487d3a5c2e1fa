// Makes calls that write files fail, or kills the process in them, at a chosen one: preloaded into
// the program by the crash and fault tests (LD_PRELOAD). Only calls on files whose path contains
// $FAULT_PATH count, and with $FAULT_TEXT only calls that write that text. $FAULT_AT says which,
// from 1; $FAULT_MODE is
//   before, half, after   kill the process before the call, in the middle of a write, or after it
//   once, always          fail with $FAULT_ERRNO at that call, or at it and every later one
// $FAULT_LOG gets a line with the number of counted calls, or with the call that was hit.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long calls;

static void note(const char *text, const char *path) {
  const char *log = getenv("FAULT_LOG");
  if (!log) return;
  int file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return;
  char line[5000];
  int length = snprintf(line, sizeof line, "%ld %s %s\n", atomic_load(&calls), text, path);
  if (length > 0) syscall(SYS_write, file, line, (size_t)length);
  syscall(SYS_close, file);
}

__attribute__((destructor)) static void finish(void) {
  if (!getenv("FAULT_AT")) note("end", "-");
}

enum action { run, kill_before, kill_half, kill_after, fail };

static enum action decide(const char *call, const char *path) {
  const char *wanted = getenv("FAULT_PATH");
  if (!wanted || !strstr(path, wanted)) return run;
  long number = atomic_fetch_add(&calls, 1) + 1;
  const char *at = getenv("FAULT_AT"), *mode = getenv("FAULT_MODE");
  if (!at || !mode) return run;
  long chosen = atol(at);
  if (number < chosen || (number > chosen && strcmp(mode, "always"))) return run;
  note(call, path);
  if (!strcmp(mode, "before")) return kill_before;
  if (!strcmp(mode, "half")) return kill_half;
  if (!strcmp(mode, "after")) return kill_after;
  errno = atoi(getenv("FAULT_ERRNO") ? getenv("FAULT_ERRNO") : "5");
  return fail;
}

static enum action decide_descriptor(const char *call, int file, const void *bytes, size_t count) {
  const char *text = getenv("FAULT_TEXT");
  if (text && (!bytes || !memmem(bytes, count, text, strlen(text)))) return run;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  int saved = errno;
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  errno = saved;
  if (length < 0) return run;
  path[length] = 0;
  return decide(call, path);
}

static void end(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

#define SURROUND(action, half, failure, body) \
  switch (action) {                           \
    case fail: return failure;                \
    case kill_before: end(); break;           \
    case kill_half: half; end(); break;       \
    case kill_after: (void)(body); end(); break; \
    case run: break;                          \
  }                                           \
  return body;

ssize_t write(int file, const void *bytes, size_t count) {
  enum action action = decide_descriptor("write", file, bytes, count);
  SURROUND(action, syscall(SYS_write, file, bytes, count / 2), -1,
           syscall(SYS_write, file, bytes, count))
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t place) {
  enum action action = decide_descriptor("pwrite", file, bytes, count);
  SURROUND(action, syscall(SYS_pwrite64, file, bytes, count / 2, place), -1,
           syscall(SYS_pwrite64, file, bytes, count, place))
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t place) {
  return pwrite(file, bytes, count, place);
}

int fsync(int file) {
  enum action action = decide_descriptor("fsync", file, NULL, 0);
  SURROUND(action, (void)0, -1, (int)syscall(SYS_fsync, file))
}

int rename(const char *from, const char *to) {
  enum action action = getenv("FAULT_TEXT") ? run : decide("rename", to);
  SURROUND(action, (void)0, -1,
           (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0))
}

int ftruncate(int file, off_t length) {
  enum action action = decide_descriptor("ftruncate", file, NULL, 0);
  SURROUND(action, (void)0, -1, (int)syscall(SYS_ftruncate, file, length))
}

int ftruncate64(int file, off64_t length) { return ftruncate(file, length); }
