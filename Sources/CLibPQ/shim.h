// Types and constants only. The library is opened at run time (LibPQ.swift): pgha-node has to run on a host that has no
// libpq yet, in order to install it.
#include <postgresql/libpq-fe.h>
