// What Swift's Glibc module leaves out.
#include <sys/random.h>
#include <sys/timex.h>
