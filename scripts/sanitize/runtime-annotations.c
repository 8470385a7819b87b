// Tells the thread sanitizer what Swift's libraries on Linux, which are not instrumented, keep from it. Without it
// correct code is reported; with it real races are reported as before.
// scripts/sanitize.sh links this file into the instrumented programs, in front of the libraries.
//
// A contended Mutex. A free one is taken and given back by atomic operations that are inlined into the caller and seen. A
// contended one goes through libswiftSynchronization and the kernel's FUTEX_LOCK_PI: that the new owner comes after the
// old one is missed. The functions here call the library's and say what the kernel does with the same word.
//
// A continuation that is resumed before it is awaited. Resuming says that it happens before the task goes on, and a task
// that was suspended takes note when it runs again; one that need not be suspended any more goes on without a word. The
// word is said here, on the way from the library to the task.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// Interface of the sanitizer's run time; it shares its clock for an address with the atomic operations on it.
void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SWIFT_SELF __attribute__((swift_context))
#define SWIFT_ASYNC __attribute__((swiftasynccall))
#define SWIFT_ASYNC_CONTEXT __attribute__((swift_async_context))

// Synchronization._MutexHandle._lockSlow(UInt32), ._unlockSlow() and ._tryLockSlow() -> Bool; `self` is the lock's word.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define AWAIT "swift_continuation_await"

typedef SWIFT_ASYNC void (*resume_function)(SWIFT_ASYNC_CONTEXT void *context);

// The first words of a continuation's context, as the compiler writes them into the frame of the task.
struct continuation_context {
    void *parent;
    // Where the task goes on at once. A task that was suspended goes on where its own record says.
    resume_function resume;
    uintptr_t flags;
};

// The task goes on on another executor, and takes note when it runs there.
#define SWITCHES_EXECUTOR 2

typedef SWIFT void (*lock_function)(uint32_t thread, SWIFT_SELF void *word);
typedef SWIFT void (*unlock_function)(SWIFT_SELF void *word);
typedef SWIFT _Bool (*try_lock_function)(SWIFT_SELF void *word);
typedef SWIFT_ASYNC void (*await_function)(struct continuation_context *context);

SWIFT void annotated_lock(uint32_t thread, SWIFT_SELF void *word) __asm__(LOCK);
SWIFT void annotated_unlock(SWIFT_SELF void *word) __asm__(UNLOCK);
SWIFT _Bool annotated_try_lock(SWIFT_SELF void *word) __asm__(TRY_LOCK);
SWIFT_ASYNC void annotated_await(struct continuation_context *context) __asm__(AWAIT);

// The task that runs on this thread: the address at which resuming leaves its word.
SWIFT void *swift_task_getCurrent(void);

static lock_function library_lock;
static unlock_function library_unlock;
static try_lock_function library_try_lock;
static await_function library_await;

__attribute__((constructor)) static void find_library_functions(void) {
    library_lock = (lock_function)dlsym(RTLD_NEXT, LOCK);
    library_unlock = (unlock_function)dlsym(RTLD_NEXT, UNLOCK);
    library_try_lock = (try_lock_function)dlsym(RTLD_NEXT, TRY_LOCK);
    library_await = (await_function)dlsym(RTLD_NEXT, AWAIT);
}

// Where a library has none of these functions, nobody calls them.
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

// What the await of this thread goes on with, between the library's function and the task.
static _Thread_local resume_function resume_now;
static _Thread_local void *resumed_task;

static SWIFT_ASYNC void annotated_resume(SWIFT_ASYNC_CONTEXT void *context) {
    __tsan_acquire(resumed_task);
    __attribute__((musttail)) return resume_now(context);
}

SWIFT_ASYNC void annotated_await(struct continuation_context *context) {
    if (!library_await) abort();
    resumed_task = swift_task_getCurrent();
    if (context->flags & SWITCHES_EXECUTOR) {
        __tsan_acquire(resumed_task);
    } else {
        resume_now = context->resume;
        context->resume = annotated_resume;
    }
    // In the place of this call: the library's goes on with the task.
    __attribute__((musttail)) return library_await(context);
}
