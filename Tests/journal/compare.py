#!/usr/bin/python3
"""Runs readers of journals in turns, and prints what each took: compare.py PGHA_NODE DIRECTORY SINCE ROUNDS"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

node, directory, since, rounds = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
hosts = [f"{directory}/{host}" for host in ("pg1", "pg2", "pg3")]
theirs = ["journalctl", "--quiet", "--merge", "--no-pager"] + [f"--file={host}/*.journal" for host in hosts]
PATTERN = "duplicate key.*o_777"
# What is measured: a name, our command, journalctl's with the same filter, and how much longer ours may take.
CASES = [
    ("timeline, all", [node, "timeline", "--since", "2020-01-01", "--journal", *hosts], [*theirs, "-o", "json"], 1.0),
    ("timeline --since", [node, "timeline", "--since", since, "--journal", *hosts], [*theirs, "-o", "json", "--since", since], 1.0),
    ("logs --since --all", [node, "logs", "--all", "--since", since, "--journal", *hosts],
     [*theirs, "-o", "short-precise", "--since", since], 1.5),
    ("logs --since", [node, "logs", "--since", since, "--journal", *hosts],
     [*theirs, "-o", "short-precise", "--since", since], 1.5),
    ("logs --output json", [node, "logs", "--all", "--output", "json", "--since", since, "--journal", *hosts],
     [*theirs, "-o", "json", "--since", since], 1.5),
    ("logs --grep", [node, "logs", "--all", "--grep", PATTERN, "--journal", *hosts],
     [*theirs, "-o", "short-precise", "--grep", PATTERN], 1.5),
]


def memory_of(pid):
    """Megabytes of its own, and with the pages of journal files that are mapped (proc_pid_status(5))."""
    found = {"RssAnon": 0.0, "VmRSS": 0.0}
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            for line in status:
                name, _, value = line.partition(":")
                if name in found:
                    found[name] = int(value.split()[0]) / 1024
    except (OSError, ValueError):
        pass
    return found["RssAnon"], found["VmRSS"]


def run(command):
    """Seconds, and the most memory that was seen, looked at every 10 ms: its own, and all."""
    begun = time.monotonic()
    own = whole = 0.0
    with open(os.devnull, "wb") as nothing, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=nothing, stderr=said)
        while process.poll() is None:
            anonymous, all_of_it = memory_of(process.pid)
            own, whole = max(own, anonymous), max(whole, all_of_it)
            try:
                process.wait(0.01)
            except subprocess.TimeoutExpired:
                pass
        took = time.monotonic() - begun
        if process.returncode != 0:
            said.seek(0)
            sys.exit(f"{' '.join(command)}: {said.read().decode(errors='replace')}")
    return took, own, whole


def main():
    kept = True
    print("| what | pgha-node, s (least to most) | journalctl, s | ratio | allowed | own memory, MB | with mapped files | journalctl's |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, ours, other, allowed in CASES:
        # Once before, so that what is on disk is in memory for both.
        run(other)
        pairs = [(run(ours), run(other)) for _ in range(rounds)]
        mine, his = [pair[0][0] for pair in pairs], [pair[1][0] for pair in pairs]
        ratio = statistics.median(mine) / statistics.median(his)
        memory, whole = max(pair[0][1] for pair in pairs), max(pair[0][2] for pair in pairs)
        other_memory = f"{max(pair[1][1] for pair in pairs):.0f}, {max(pair[1][2] for pair in pairs):.0f}"
        kept = kept and ratio <= allowed and memory <= 100
        print(f"| {name} | {statistics.median(mine):.2f} ({min(mine):.2f} to {max(mine):.2f}) | "
              f"{statistics.median(his):.2f} ({min(his):.2f} to {max(his):.2f}) | {ratio:.2f} | {allowed} | {memory:.0f} | {whole:.0f} | {other_memory} |",
              flush=True)
    print(f"n = {rounds} each, in turns; {'all kept' if kept else 'NOT all kept'}")


main()
