#!/usr/bin/env python3
"""Holds each packet of a queue of this network namespace for a random time, 0 to LIMIT milliseconds.

usage: delay.py QUEUE LIMIT SEED

The kernel hands the packets over (iptables: "--jump NFQUEUE --queue-num QUEUE --queue-bypass") and waits for a verdict. Each has its own delay, so that they overtake
each other, as with "netem delay", which the kernels of small virtual machines do not have. When this ends, "bypass" in the rule
lets everything pass at once.
"""

import ctypes
import heapq
import random
import select
import sys
import time

NF_ACCEPT = 1
NFQNL_COPY_META = 1  # linux/netfilter/nfnetlink_queue.h: a verdict needs no more than the number

library = ctypes.CDLL("libnetfilter_queue.so.1", use_errno=True)
# libnetfilter_queue.h; a handle is a pointer, which ctypes would cut to an int.
library.nfq_open.restype = ctypes.c_void_p
library.nfq_create_queue.restype = ctypes.c_void_p
library.nfq_get_msg_packet_hdr.restype = ctypes.POINTER(ctypes.c_uint32)
library.nfq_get_msg_packet_hdr.argtypes = [ctypes.c_void_p]
library.nfq_fd.argtypes = [ctypes.c_void_p]
library.nfq_handle_packet.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
library.nfq_set_verdict.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p]
library.nfq_set_mode.argtypes = [ctypes.c_void_p, ctypes.c_uint8, ctypes.c_uint32]
library.nfq_set_queue_maxlen.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
library.nfq_create_queue.argtypes = [ctypes.c_void_p, ctypes.c_uint16, Callback, ctypes.c_void_p]


def main():
    queue, limit, seed = int(sys.argv[1]), float(sys.argv[2]) / 1000, int(sys.argv[3])
    delays = random.Random(seed)
    held = []  # (when it goes, the kernel's number)

    def take(_queue, _message, packet, _data):
        number = int.from_bytes(ctypes.string_at(library.nfq_get_msg_packet_hdr(packet), 4), "big")
        heapq.heappush(held, (time.monotonic() + delays.uniform(0, limit), number))
        return 0

    callback = Callback(take)
    handle = library.nfq_open()
    mine = library.nfq_create_queue(handle, queue, callback, None)
    if not handle or not mine:
        sys.exit(f"could not open queue {queue}: error {ctypes.get_errno()}")
    library.nfq_set_mode(mine, NFQNL_COPY_META, 0)
    library.nfq_set_queue_maxlen(mine, 20000)
    descriptor = library.nfq_fd(handle)
    buffer = ctypes.create_string_buffer(65536)
    receive = ctypes.CDLL(None, use_errno=True).recv
    while True:
        wait = max(0, held[0][0] - time.monotonic()) if held else 1
        if select.select([descriptor], [], [], wait)[0]:
            count = receive(descriptor, buffer, len(buffer), 0)
            if count > 0:  # less is ENOBUFS: the kernel dropped some, as a network would
                library.nfq_handle_packet(handle, buffer.raw, count)
        now = time.monotonic()
        while held and held[0][0] <= now:
            library.nfq_set_verdict(mine, heapq.heappop(held)[1], NF_ACCEPT, 0, None)


if __name__ == "__main__":
    main()
