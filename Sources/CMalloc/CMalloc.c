#include "CMalloc.h"

#if defined(__GLIBC__) || defined(__linux__)
#include <features.h>
#endif

#ifdef __GLIBC__
#include <malloc.h>

// By default glibc raises its threshold for separate mappings when the first large block is freed, and every thread's
// heap then keeps the size of the largest body it has seen.
void malloc_return_large_blocks(void) {
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
}
#else
void malloc_return_large_blocks(void) {}
#endif
