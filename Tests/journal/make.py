#!/usr/bin/python3
"""Writes many realistic records of three hosts in the journal export format: make.py GOLDEN DIRECTORY RECORDS

Between the entries of real faults (the golden journals of the tests, again and again, at later times) stand long stretches of
what services say when nothing happens. systemd-journal-remote(8) makes journal files of it. The same every time.
"""
import pathlib
import random
import sys

STANDARD = {
    "_TRANSPORT": "stdout", "_GID": "103", "_MACHINE_ID": "8f0c0c2f2f1e4d1c9c6b1d7f6f0b1a2c", "_CAP_EFFECTIVE": "0",
    "SYSLOG_FACILITY": "3", "_RUNTIME_SCOPE": "system",
}
CALM = [
    ("patroni", "pgha-patroni@{h}.service", "python3", "{t} INFO: no action. I am ({h}), a secondary, and following a leader (pg1)"),
    ("patroni", "pgha-patroni@{h}.service", "python3", "{t} INFO: no action. I am ({h}), the leader with the lock"),
    ("patroni", "pgha-patroni@{h}.service", "postgres", "{t} UTC [{p}] LOG:  checkpoint starting: time"),
    ("patroni", "pgha-patroni@{h}.service", "postgres",
     "{t} UTC [{p}] LOG:  checkpoint complete: wrote {n} buffers (0.{n}%); 0 WAL file(s) added, 0 removed, 0 recycled"),
    ("patroni", "pgha-patroni@{h}.service", "postgres", "{t} UTC [{p}] ERROR:  duplicate key value violates unique constraint \"o_{n}\""),
    ("haproxy", "pgha-haproxy@{h}.service", "haproxy", "Health check for server replicas/pg{d} succeeded, reason: Layer7 check passed"),
    ("zookeeper", "pgha-zookeeper@{h}.service", "java", "{t} [myid:{d}] - INFO  [NIOWorkerThread-{d}] - Processing srvr command from /192.0.2.1{d}"),
    ("pgha-agent", "pgha-agent.service", "pgha-node", "this host is ready: zookeeper: follower; {h}: replica on timeline {d}"),
]


def entries(path):
    """Lists of (name, value) in bytes; a value without "=" has its length before it (systemd, "Journal Export Format")."""
    data, place, fields = path.read_bytes(), 0, []
    while place < len(data):
        end = data.index(b"\n", place)
        line = data[place:end]
        place = end + 1
        if not line:
            yield fields
            fields = []
        elif b"=" in line:
            name, value = line.split(b"=", 1)
            fields.append((name, value))
        else:
            size = int.from_bytes(data[place:place + 8], "little")
            fields.append((line, data[place + 8:place + 8 + size]))
            place += 8 + size + 1
    if fields:
        yield fields


def write(out, time, fields):
    out.write(b"__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n" % (time, time % 10**15))
    for name, value in fields:
        if b"\n" in value or any(byte < 32 and byte != 9 for byte in value):
            out.write(name + b"\n" + len(value).to_bytes(8, "little") + value + b"\n")
        else:
            out.write(name + b"=" + value + b"\n")
    out.write(b"\n")


def calm(host, time, numbers, boot):
    speaker, unit, program, text = numbers.choice(CALM)
    pid = numbers.randrange(300, 900)
    message = text.format(h=host, t=f"2026-11-27 10:{time // 60000000 % 60:02}:{time // 1000000 % 60:02},{time // 1000 % 1000:03}",
                          p=pid, n=numbers.randrange(1, 90000), d=numbers.randrange(1, 4))
    fields = dict(STANDARD, PRIORITY="6", _UID="102", _HOSTNAME=host, SYSLOG_IDENTIFIER=speaker, _PID=str(pid), _COMM=program,
                  _SYSTEMD_UNIT=unit, _SYSTEMD_SLICE="pgha.slice", _SYSTEMD_CGROUP="/pgha.slice/" + unit,
                  _EXE="/usr/bin/" + program, _CMDLINE=program + " --config /etc/pgha/" + host, MESSAGE=message)
    return [(b"_BOOT_ID", boot)] + [(name.encode(), value.encode()) for name, value in fields.items()]


def main():
    golden, directory, wanted = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    numbers = random.Random(4711)
    hosts = ["pg1", "pg2", "pg3"]
    faults = sorted(path for path in golden.iterdir() if path.is_dir())
    known = {(fault, host): list(entries(fault / f"{host}.export")) for fault in faults for host in hosts}
    boots = {host: f"{numbers.getrandbits(128):032x}".encode() for host in hosts}
    files = {host: (directory / f"{host}.export").open("wb") for host in hosts}
    time, written, turn = 1795000000000000, 0, 0
    while written < wanted:
        for _ in range(7000):
            time += numbers.randrange(100000, 600000)
            for host in hosts:
                moment = time + numbers.randrange(0, 90000)
                write(files[host], moment, calm(host, moment, numbers, boots[host]))
                written += 1
        time += 60000000
        fault = faults[turn % len(faults)]
        turn += 1
        stamps = [int(dict(fields)[b"__REALTIME_TIMESTAMP"]) for host in hosts for fields in known[fault, host]]
        shift, time = time - min(stamps), time + max(stamps) - min(stamps) + 60000000
        for host in hosts:
            for fields in known[fault, host]:
                moment = int(dict(fields)[b"__REALTIME_TIMESTAMP"]) + shift
                rest = [(n, v) for n, v in fields if not n.startswith(b"__") and n != b"_BOOT_ID"]
                write(files[host], moment, [(b"_BOOT_ID", boots[host])] + rest)
                written += 1
    print(written, turn, time)


main()
