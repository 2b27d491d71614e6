import Foundation
import HostPorts
import Testing

/// What is known of the hosts of containers/.
enum Machines {
    static let three = ["pg1", "pg2", "pg3"]
    static let addresses = [("pg1", "192.0.2.11"), ("pg2", "192.0.2.12"), ("pg3", "192.0.2.13")]
    static let postgresPorts = ["pg1": "5433", "pg2": "5434", "pg3": "5435"]
    static let patroniPorts = ["pg1": "8008", "pg2": "8009", "pg3": "8010"]

    static func address(of host: String) throws -> String {
        try #require(addresses.first { $0.0 == host }?.1)
    }

    /// The main process and the start time of each of our units: the same means that nothing was restarted.
    static func processes(of host: String) async throws -> String {
        try await Hosts.output(
            host, "systemctl", "show", "--property=Id,MainPID,ActiveEnterTimestampMonotonic", "pgha-*.service",
            "pgha.target")
    }

    static func others(than host: String) -> [String] {
        three.filter { $0 != host }
    }
}

/// A shell script that looks for the cluster's passwords and private keys wherever somebody else than their owner could read them.
enum SecretSearch {
    /// Prints "leak …" lines, never the secret itself. `$1` is a secrets file, the host's own by default. It gives grep the secrets by a file, so as not to find itself.
    static let script = #"""
        set -u
        list=$(mktemp)
        sed -n 's/^[a-z_]*: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' "${1:-/etc/pgha/secrets/secrets.yml}" | grep -E '.{16,}' >"$list"
        # Of keys in PEM, the lines between the first and the last one.
        sed -n '/BEGIN .*PRIVATE KEY/,/END .*PRIVATE KEY/{/-----/!s/^ *//p}' \
            "${1:-/etc/pgha/secrets/secrets.yml}" /etc/pgha/tls/agent.key >>"$list" 2>/dev/null
        echo "looked for $(wc -l <"$list") secrets"
        for process in /proc/[0-9]*; do
            tr '\0' '\n' <"$process/cmdline" 2>/dev/null | grep -qFf "$list" && echo "leak argument of ${process#/proc/}"
            tr '\0' '\n' <"$process/environ" 2>/dev/null | grep -qFf "$list" && echo "leak environment of ${process#/proc/}"
        done
        journalctl --no-pager -o export | grep -aqFf "$list" && echo "leak journal"
        find / -xdev -type f -perm -o=r -size -20M ! -path '/proc/*' ! -path '/sys/*' ! -path '/var/log/journal/*' \
            -exec grep -aqFf "$list" {} \; -exec ls -ld {} \; 2>/dev/null | awk '{ print "leak file " $NF }'
        for place in /run /tmp /dev/shm /run/postgresql; do
            find "$place" -type f -perm -o=r -exec grep -aqFf "$list" {} \; -print 2>/dev/null | sed 's/^/leak file /'
        done
        rm -f "$list"
        exit 0
        """#
}
