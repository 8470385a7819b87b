#define _GNU_SOURCE
#include "CProcess.h"

#include <stdbool.h>

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

#ifndef DEBUG
// Of the Swift runtime; weak, so that a runtime without it is no error.
extern bool _swift_disableExclusivityChecking __attribute__((weak));

void skip_exclusivity_checks(void) {
    if (&_swift_disableExclusivityChecking) _swift_disableExclusivityChecking = true;
}
#else
void skip_exclusivity_checks(void) {}
#endif

#ifdef __linux__
#include <sched.h>

int bound_core_count(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}
#else
int bound_core_count(void) { return 0; }
#endif
