// Settings of the C allocator that the platform module of Swift leaves out.
#pragma once

/// Gives large buffers back to the system as soon as they are freed; does nothing where the allocator has no such
/// setting. Call before any thread starts.
void malloc_return_large_blocks(void);
