// Settings of the process's memory that the platform module of Swift leaves out.
#pragma once

/// Gives large buffers back to the system as soon as they are freed; does nothing where the allocator has no such
/// setting. Call before any thread starts.
void malloc_return_large_blocks(void);

/// Gives back the program's pages that only the start needed: code and constants, which come back from the file
/// when they are touched again. Does nothing but on Linux.
void release_startup_pages(void);
