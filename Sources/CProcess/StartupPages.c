#define _GNU_SOURCE
#include "CProcess.h"

#ifdef __linux__
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

// Reading configuration and catalogue runs through code that is never run again; the system maps sixteen pages for each
// that is touched, and counts them all as the process's memory. Only pages that hold nothing but what the file holds are
// given back: those of read-only mappings, and the constants that the linker puts beside the data.
static void release(uintptr_t start, uintptr_t end) {
    if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
}

// The first of the variables: constants stand before it. The C runtime's start files define it on Linux.
extern char data_start[] __attribute__((weak));

// Constants are never written to once they are relocated; what relocation changed is no longer a page of the file,
// which bit 61 of its entry says.
static void releaseConstants(uintptr_t start, uintptr_t end, uintptr_t page) {
    int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (map < 0) return;
    uint64_t entries[512];
    while (start < end) {
        size_t count = (end - start) / page;
        if (count > 512) count = 512;
        ssize_t got = pread(map, entries, count * sizeof *entries, (off_t)(start / page * sizeof *entries));
        if (got < (ssize_t)sizeof *entries) break;
        count = (size_t)got / sizeof *entries;
        for (size_t i = 0; i < count; i++, start += page) {
            if (entries[i] >> 61 & 1) release(start, start + page);
        }
    }
    close(map);
}

static int releaseOfProgram(struct dl_phdr_info *object, size_t size, void *pageSize) {
    (void)size;
    uintptr_t page = *(uintptr_t *)pageSize, mask = page - 1, protected = 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        uintptr_t start = object->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_GNU_RELRO) protected = (start + segment->p_memsz + mask) & ~mask;
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        release((start + mask) & ~mask, (start + segment->p_filesz) & ~mask);
    }
    if (protected && data_start) releaseConstants(protected, (uintptr_t)data_start & ~mask, page);
    // The program itself comes first; libraries are shared with others anyway.
    return 1;
}

void release_startup_pages(void) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    dl_iterate_phdr(releaseOfProgram, &page);
}
#else
void release_startup_pages(void) {}
#endif
