#define _GNU_SOURCE
#include "CProcess.h"

#ifdef __linux__
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

// Reading configuration and catalogue runs through code that is never run again; the system maps sixteen pages for each
// that is touched, and counts them all as the process's memory. Only read-only mappings are given back:
// they hold nothing that the file does not.
static int releaseReadOnly(struct dl_phdr_info *object, size_t size, void *page) {
    (void)size;
    uintptr_t mask = *(uintptr_t *)page - 1;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr + mask) & ~mask;
        uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz) & ~mask;
        if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    // The program itself comes first; libraries are shared with others anyway.
    return 1;
}

void release_startup_pages(void) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    dl_iterate_phdr(releaseReadOnly, &page);
}
#else
void release_startup_pages(void) {}
#endif
