#include "CKernels.h"

#include <string.h>
#include <time.h>

extern const ck_table ck_table_generic;
#if defined(__x86_64__)
extern const ck_table ck_table_avx512, ck_table_avx2;
#endif

const ck_table *ck_table_named(const char *name) {
#if defined(__x86_64__)
  if (!strcmp(name, "avx512"))
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
               ? &ck_table_avx512
               : NULL;
  if (!strcmp(name, "avx2"))
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &ck_table_avx2 : NULL;
#endif
  return strcmp(name, "generic") ? NULL : &ck_table_generic;
}

const ck_table *ck_best_table(void) {
  const char *names[] = {"avx512", "avx2", "generic"};
  const ck_table *table = NULL;
  for (int i = 0; !table; i++) table = ck_table_named(names[i]);
  return table;
}
