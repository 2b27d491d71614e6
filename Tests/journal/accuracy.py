#!/usr/bin/python3
"""Compares what timeline tells with what the clients of Tests/bench failover felt: accuracy.py TRIALS STORY

TRIALS is the file of trials (a line of JSON each), STORY what "pgha-node timeline --output json" made of the hosts' journals.
Prints for each kind of fault: how many, how often the cause and whom it hit are named right, and by how much the outage differs.
"""
import json
import statistics
import sys

# What a person would call each fault, in the words of timeline.
CAUSES = {
    "switchover": {"switchover", "patroni-switchover"}, "stop": {"systemd-stop", "stop"}, "kill-postmaster": {"postmaster-died"},
    "kill-unit": {"unit-died", "kill"}, "kill-patroni": {"patroni-died"}, "freeze": {"freeze"}, "thaw": {"freeze"},
    "stop-postgres": {"postgres-hung"}, "stop-patroni": {"patroni-hung"}, "lose-host": {"host-lost"}, "cut-host": {"host-cut-off"},
    "cut-zookeeper": {"zookeeper-cut-off"}, "kill-zookeeper-leader": {"zookeeper-server-lost"},
    "lose-quorum": {"zookeeper-quorum-lost"},
}
# Nobody is kept from writing by these.
HARMLESS = {"kill-patroni", "stop-patroni", "cut-zookeeper", "kill-zookeeper-leader", "lose-quorum"}
# More servers than the one that the trial names.
MANY = {"lose-quorum"}


def is_right(trial, incident):
    subject = trial["event"] in MANY or not trial.get("struck") or incident["subject"] == trial["struck"][0]
    return subject and incident["cause"] in CAUSES[trial["event"]]


def nearest(trial, incidents):
    """A switchover may wait for half a minute before it begins, and what was killed by a timer is noted afterwards."""
    at = trial["faultAt"] * 1e6
    near = [one for one in incidents if at - 10e6 <= one["began"] <= at + 40e6 and not one.get("taken")]
    return min(near, key=lambda one: abs(one["began"] - at), default=None)


def enter(rows, trial, found, right):
    error = where = None
    if right and trial["event"] not in HARMLESS and found.get("outage", {}).get("until"):
        length = (found["outage"]["until"] - found["outage"]["from"]) / 1e6
        error = length - max(trial["outageFresh"], trial["outageKept"])
        if "outageBegan" in trial:
            begin = found["outage"]["from"] / 1e6 - trial["outageBegan"]
            where = f"; it begins {begin:+.3f} s and ends {begin + error:+.3f} s from what was felt"
    told = f"{found['cause']} of {found['subject']}" if found else "not told"
    rows.setdefault(trial["event"], []).append((right, error, told, trial["faultAt"], where))


def main():
    trials = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    incidents = json.load(open(sys.argv[2], encoding="utf-8"))["incidents"]
    rows, rest = {}, []
    # What is right first, so that none is taken for another's that was not told.
    for trial in trials:
        found = nearest(trial, [one for one in incidents if is_right(trial, one)])
        if found is None:
            rest.append(trial)
        else:
            found["taken"] = True
            enter(rows, trial, found, True)
    for trial in rest:
        enter(rows, trial, nearest(trial, incidents), False)
    print("| fault | n | cause right | outage told - felt, median s | largest |")
    print("| --- | --- | --- | --- | --- |")
    for event, found in sorted(rows.items()):
        errors = [error for _, error, *_ in found if error is not None]
        middle = f"{statistics.median(errors):+.3f}" if errors else "no outage" if event in HARMLESS else "-"
        largest = f"{max(errors, key=abs):+.3f}" if errors else ""
        print(f"| {event} | {len(found)} | {sum(right for right, *_ in found)} | {middle} | {largest} |")
    for event, found in sorted(rows.items()):
        for right, error, cause, at, where in found:
            if not right or (error is not None and abs(error) > 0.1):
                print(f"{event} at {at:.3f}: {cause}, {'-' if error is None else f'{error:+.3f} s'}{where or ''}")


main()
