#!/usr/bin/python3
"""Runs readers of journals in turns, and prints what each took: compare.py PGHA_NODE DIRECTORY SINCE ROUNDS"""
import os
import statistics
import subprocess
import sys
import time

node, directory, since, rounds = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
hosts = [f"{directory}/{host}" for host in ("pg1", "pg2", "pg3")]
theirs = ["journalctl", "--quiet", "--merge", "--no-pager"] + [f"--file={host}/system.journal" for host in hosts]
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


def run(command):
    """Seconds, and the most memory in MB that the process had (wait4(2), ru_maxrss)."""
    begun = time.monotonic()
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen(command, stdout=nothing, stderr=subprocess.PIPE)
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)}: {said.decode(errors='replace')}")
    return time.monotonic() - begun, usage.ru_maxrss / 1024


def main():
    kept = True
    print("| what | pgha-node, s (least to most) | journalctl, s | ratio | allowed | memory, MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, ours, other, allowed in CASES:
        # Once before, so that what is on disk is in memory for both.
        run(other)
        pairs = [(run(ours), run(other)) for _ in range(rounds)]
        mine, his = [pair[0][0] for pair in pairs], [pair[1][0] for pair in pairs]
        ratio = statistics.median(mine) / statistics.median(his)
        memory = max(pair[0][1] for pair in pairs)
        kept = kept and ratio <= allowed and memory <= 100
        print(f"| {name} | {statistics.median(mine):.2f} ({min(mine):.2f} to {max(mine):.2f}) | "
              f"{statistics.median(his):.2f} ({min(his):.2f} to {max(his):.2f}) | {ratio:.2f} | {allowed} | {memory:.0f} |",
              flush=True)
    print(f"n = {rounds} each, in turns; {'all kept' if kept else 'NOT all kept'}")


main()
