#include "CKernels.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

// Multiply-adds are fused where the source says so and nowhere else, on every instruction set.
#pragma STDC FP_CONTRACT OFF

#define VW 16
#define NAME "avx512"
#define TABLE ck_table_avx512
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#include "table.inc"
#pragma clang attribute pop
#endif
