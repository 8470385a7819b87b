#define _GNU_SOURCE
#include "CProcess.h"

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

// After a flood of small blocks the free pages lie between those in use.
void malloc_return_free_pages(void) { malloc_trim(0); }
#else
void malloc_return_large_blocks(void) {}
void malloc_return_free_pages(void) {}
#endif

// A core file would hold keys and conversations. Nor may another process of the same user read the memory.
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/resource.h>

bool forbid_core_dumps(void) {
    struct rlimit none = {0, 0};
    bool done = setrlimit(RLIMIT_CORE, &none) == 0;
#ifdef __linux__
    // A pattern that begins with a pipe ignores the limit.
    done = prctl(PR_SET_DUMPABLE, 0) == 0 && done;
#endif
    return done;
}

#ifdef __linux__
#include <sched.h>

int bound_core_count(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}
#else
int bound_core_count(void) { return 0; }
#endif
