#include "CKernels.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

// Multiply-adds are fused where the source says so and nowhere else, on every instruction set.
#pragma STDC FP_CONTRACT OFF

#define VW 8
#define NAME "avx2"
#define TABLE ck_table_avx2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "table.inc"
#pragma clang attribute pop
#endif
