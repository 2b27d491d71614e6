// What Swift's Glibc module leaves out, or cannot import.
#include <grp.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/timex.h>

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
