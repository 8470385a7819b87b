// Shows the thread sanitizer the slow path of Synchronization.Mutex on Linux.
//
// A free Mutex is taken and given back by atomic operations that are inlined into the caller, so the sanitizer sees
// them. A contended one goes through two functions of libswiftSynchronization, which is not instrumented and leaves the
// word to the kernel's FUTEX_LOCK_PI: the sanitizer misses that the new owner comes after the old one and reports a race
// between two correct critical sections. scripts/sanitize.sh links this file into the instrumented programs, in front of
// the library. Each function calls the library's and tells the sanitizer what the kernel does with the same word, so
// nothing has to be suppressed, and accesses outside the lock or under another lock are reported as before.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// Interface of the sanitizer's run time; it shares its clock for an address with the atomic operations on it.
void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SWIFT_SELF __attribute__((swift_context))

// Synchronization._MutexHandle._lockSlow(UInt32), ._unlockSlow() and ._tryLockSlow() -> Bool; `self` is the lock's word.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"

typedef SWIFT void (*lock_function)(uint32_t thread, SWIFT_SELF void *word);
typedef SWIFT void (*unlock_function)(SWIFT_SELF void *word);
typedef SWIFT _Bool (*try_lock_function)(SWIFT_SELF void *word);

SWIFT void annotated_lock(uint32_t thread, SWIFT_SELF void *word) __asm__(LOCK);
SWIFT void annotated_unlock(SWIFT_SELF void *word) __asm__(UNLOCK);
SWIFT _Bool annotated_try_lock(SWIFT_SELF void *word) __asm__(TRY_LOCK);

static lock_function library_lock;
static unlock_function library_unlock;
static try_lock_function library_try_lock;

__attribute__((constructor)) static void find_library_functions(void) {
    library_lock = (lock_function)dlsym(RTLD_NEXT, LOCK);
    library_unlock = (unlock_function)dlsym(RTLD_NEXT, UNLOCK);
    library_try_lock = (try_lock_function)dlsym(RTLD_NEXT, TRY_LOCK);
}

// Where the library has none of these functions, nobody calls them.
SWIFT void annotated_lock(uint32_t thread, SWIFT_SELF void *word) {
    if (!library_lock) abort();
    library_lock(thread, word);
    __tsan_acquire(word);
}

SWIFT void annotated_unlock(SWIFT_SELF void *word) {
    if (!library_unlock) abort();
    __tsan_release(word);
    library_unlock(word);
}

SWIFT _Bool annotated_try_lock(SWIFT_SELF void *word) {
    if (!library_try_lock) abort();
    _Bool taken = library_try_lock(word);
    if (taken) __tsan_acquire(word);
    return taken;
}
