// Settings of the process that the platform module of Swift does not offer.
#pragma once

#include <stdbool.h>

/// Gives large buffers back to the system as soon as they are freed; does nothing where the allocator has no such
/// setting. Call before any thread starts.
void malloc_return_large_blocks(void);

/// Gives free memory of all arenas back to the system; takes milliseconds in which others wait for memory. Does
/// nothing where the allocator has no such call.
void malloc_return_free_pages(void);

/// Gives back the program's pages that only the start needed: code and constants, which come back from the file
/// when they are touched again. Does nothing but on Linux.
void release_startup_pages(void);

/// Forbids core files, which would hold keys and conversations, and the reading of the memory by other processes of the
/// same user; returns whether the system took it.
bool forbid_core_dumps(void);

/// The cores this process is bound to (`taskset`, cpusets); 0 where that cannot be told.
int bound_core_count(void);
