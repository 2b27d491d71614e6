#!/usr/bin/python3
"""Medians of turns, and their ratios to the first case: commits.py table|json FILE"""
import json
import statistics
import sys

form, path = sys.argv[1:]
with open(path, encoding="ascii") as lines:
    turns = [json.loads(line) for line in lines]


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


rows = []
for name in ("agents", "no agents", "local"):
    own = [turn for turn in turns if turn["case"] == name]
    row = {"case": name, "n": len(own)}
    for measure in ("tps", "latency_ms"):
        row[measure] = spread([turn[measure] for turn in own])
        row[measure]["ratio"] = row[measure]["median"] / (rows[0] if rows else row)[measure]["median"]
    rows.append(row)

if form == "json":
    print(json.dumps(rows, indent=2))
    sys.exit()
print(f"{'CASE':<10} {'N':>3}  {'TPS (least to most)':>26}  {'RATIO':>5}  {'LATENCY MS':>24}  {'RATIO':>5}")
for row in rows:
    tps, latency = row["tps"], row["latency_ms"]
    print(
        f"{row['case']:<10} {row['n']:>3}"
        f"  {tps['median']:>8.1f} {'({:.1f} to {:.1f})'.format(tps['least'], tps['most']):>17}  {tps['ratio']:>5.2f}"
        f"  {latency['median']:>6.2f} {'({:.2f} to {:.2f})'.format(latency['least'], latency['most']):>17}  {latency['ratio']:>5.2f}")
