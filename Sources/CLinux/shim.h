// What Swift's Glibc module leaves out, or cannot import.
#include <elf.h>
#include <errno.h>
#include <grp.h>
#include <link.h>
#include <linux/sched.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

// Extensions of GNU, declared here: with _GNU_SOURCE defined, this module and Swift's Glibc would have two kinds of fd_set,
// and a build from nothing fails.
int memfd_create(const char *name, unsigned int flags);
int setns(int fd, int nstype);
int unshare(int flags);
long syscall(long number, ...);

// prctl(2) is variadic, which Swift does not call.
static inline int pgha_forbid_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L); }

// glibc of Debian 12 has pidfd_open(2), other distributions have an older one.
static inline int pgha_pidfd_open(int process) { return (int)syscall(SYS_pidfd_open, process, 0); }

// Unmaps the pages of the program's own file that nobody writes to: code and constants. What is used again is mapped again from
// the page cache (madvise(2), MADV_DONTNEED of a file's mapping). Found by the program headers (getauxval(3), elf(5)); what
// relocation has written to is in segments with PF_W, but for text relocations, with which nothing is done. 0, or an errno.
static inline int pgha_unmap_program_text(void) {
    const ElfW(Phdr) *headers = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    const unsigned long count = getauxval(AT_PHNUM);
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t base = 0;
    int is_found = 0;
    for (unsigned long i = 0; headers != NULL && i < count; i++) {
        if (headers[i].p_type != PT_PHDR) continue;
        base = (uintptr_t)headers - headers[i].p_vaddr;
        is_found = 1;
    }
    if (!is_found) return ENOENT;
    for (unsigned long i = 0; i < count; i++) {
        if (headers[i].p_type != PT_DYNAMIC) continue;
        for (const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(base + headers[i].p_vaddr); entry->d_tag != DT_NULL; entry++)
            if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL))) return ENOTSUP;
    }
    for (unsigned long i = 0; i < count; i++) {
        if (headers[i].p_type != PT_LOAD || (headers[i].p_flags & PF_W)) continue;
        const uintptr_t start = (base + headers[i].p_vaddr + page - 1) & ~(page - 1);
        const uintptr_t end = (base + headers[i].p_vaddr + headers[i].p_memsz) & ~(page - 1);
        if (end > start && madvise((void *)start, end - start, MADV_DONTNEED) != 0) return errno;
    }
    return 0;
}
