// The plain loops that the fast kernels are tested against; each stands in the file of its kernel.
#include "CKernels.h"

#include <stdlib.h>
#include <string.h>

#define CK_REFERENCE
#include "convolution.inc"

#include "normalization.inc"

#include "pooling.inc"
