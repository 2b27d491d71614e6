// What Swift's Glibc module leaves out, or cannot import.
#define _GNU_SOURCE
#include <grp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/timex.h>

// prctl(2) is variadic, which Swift does not call.
static inline int pgha_forbid_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L); }
