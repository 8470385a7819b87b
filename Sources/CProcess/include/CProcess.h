// What the platform module of Swift leaves out of the process's own affairs.
#pragma once

/// Gives large buffers back to the system as soon as they are freed; does nothing where the allocator has no such
/// setting. Call before any thread starts.
void malloc_return_large_blocks(void);

/// Gives back the program's pages that only the start needed: code and constants, which come back from the file
/// when they are touched again. Does nothing but on Linux.
void release_startup_pages(void);

/// Ends the runtime's checks of exclusive access in the dependencies' code, a fifteenth of the work for a request;
/// ours is compiled without them. Does nothing in debug builds, in which the tests run.
void skip_exclusivity_checks(void);

/// The cores this process is bound to (`taskset`, cpusets); 0 where that cannot be told.
int bound_core_count(void);
