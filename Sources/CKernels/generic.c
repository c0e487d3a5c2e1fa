#include "CKernels.h"

#include <stdlib.h>
#include <string.h>

// Multiply-adds are fused where the source says so and nowhere else, on every instruction set.
#pragma STDC FP_CONTRACT OFF

#define VW 4
#define NAME "generic"
#define TABLE ck_table_generic
#include "table.inc"
