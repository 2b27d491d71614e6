import Foundation
import HostPorts
import Testing

/// What became of the writes of a client that went on writing while something was done to the cluster.
struct SteadyWrites {
    /// Rows whose commit the client heard of.
    var acknowledged: Int
    /// Writes that ended otherwise, or took longer than the client waits.
    var failed: Int
    /// Rows that are there afterwards; one whose client heard nothing may be among them.
    var found: Int
    /// What psql said of those that failed.
    var errors: String

    /// Writes through the entry point of `host`, with a new connection each, from before `change` until a write that began
    /// after it is acknowledged. So no test asks for a pace: a slow machine writes seven rows in a second and a fast one fifty.
    ///
    /// `patience` is in seconds: a write that takes longer has failed.
    static func from(
        _ host: String, patience: Int = 8, sourceLocation: SourceLocation = #_sourceLocation,
        around change: () async throws -> Void
    ) async throws -> SteadyWrites {
        // Before the loop begins, or what an earlier one has left counts as the write before the change.
        try await Hosts.output(host, "rm", "-rf", "/run/test-writer")
        async let written = Hosts.shell(host, loop, "\(patience)")
        _ = try await eventually("a write before the change", sourceLocation: sourceLocation) {
            try await lastBeginning(on: host)
        }
        try await change()
        let changed = try #require(try await number(of: Hosts.output(host, "date", "+%s%N")))
        _ = try await eventually("a write after the change", sourceLocation: sourceLocation) {
            try await lastBeginning(on: host).flatMap { $0 > changed ? $0 : nil }
        }
        try await Hosts.output(host, "touch", "/run/test-writer/stop")
        let result = try await written
        let numbers = result.output.split(separator: " ").compactMap { number(of: String($0)) }
        try #require(numbers.count == 3, "\(result.output)\(result.errors)", sourceLocation: sourceLocation)
        return SteadyWrites(acknowledged: numbers[0], failed: numbers[1], found: numbers[2], errors: result.errors)
    }

    /// Prints how many were acknowledged, how many failed and how many are there; ends after 200 s if nobody stops it.
    private static let loop = """
        dir=/run/test-writer; mkdir $dir
        export PGCONNECT_TIMEOUT=$(($1 - 2)) PGSERVICEFILE=$dir/service
        (umask 077; pgha-node dsn --format service >$PGSERVICEFILE)
        name=$(date +%s%N) end=$((SECONDS + 200)) count=0 failed=0
        while [ $SECONDS -lt $end ] && [ ! -e $dir/stop ]; do
            begun=$(date +%s%N)
            if timeout "$1" psql -XAtq service=pgha -c "insert into pgha_test (host) values ('$name')" 2>$dir/said
            then count=$((count + 1)); echo "$begun" >>$dir/acknowledged
            else failed=$((failed + 1)); cat $dir/said >&2; fi
        done
        echo "$count $failed $(psql -XAtq service=pgha -c "select count(*) from pgha_test where host = '$name'")"
        rm $PGSERVICEFILE
        """

    /// When the last acknowledged write began, in nanoseconds since 1970 by the clock that all hosts share; nil before the
    /// first.
    private static func lastBeginning(on host: String) async throws -> Int? {
        number(of: try await Hosts.shell(host, "tail -n 1 /run/test-writer/acknowledged 2>/dev/null").output)
    }

    private static func number(of text: String) -> Int? { Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) }
}
