import Foundation
import HostPorts
import Testing

/// cluster.yml and the secrets on bare hosts, made and copied as the README says.
enum Configuration {
    static let bundle = "/var/cache/pgha/bundle"

    static func spread(
        hosts: [String] = ["pg1=192.0.2.11", "pg2=192.0.2.12", "pg3=192.0.2.13"]
    ) async throws {
        let names = hosts.map { String($0.prefix { $0 != "=" }) }
        let first = try #require(names.first)
        let arguments = ["exec", first, "--", "pgha-node", "init"] + hosts.flatMap { ["--host", $0] }
        let made = try await Hosts.script(arguments[0], Array(arguments.dropFirst()))
        try #require(made.status == 0, "\(made.errors)")
        for path in ["/etc/pgha/cluster.yml", "/etc/pgha/secrets/secrets.yml"] {
            let text = try await Hosts.output(first, "cat", path)
            for name in names.dropFirst() {
                // Through standard input, as ssh would do it: a secret is no argument.
                try await Hosts.write(text + "\n", to: path, on: name)
            }
        }
    }
}

extension Hosts {
    static func write(_ text: String, to path: String, on host: String) async throws {
        let directory = path.split(separator: "/").dropLast().joined(separator: "/")
        let script = "umask 077; mkdir -p '/\(directory)'; chmod 755 /etc/pgha; cat >'\(path)'"
        let result = try await self.script("exec", [host, "--", "sh", "-c", script], input: Array(text.utf8))
        try #require(result.status == 0, "\(result.errors)")
    }
}

/// Everything of a host that an installation could leave behind.
enum Traces {
    /// Paths, users, groups, unit states and packages, one line each. Left out is what the system itself rewrites, what
    /// apt and dpkg keep about their own past work, and locks, which are files that nobody may remove (flock(2)).
    static func of(_ host: String) async throws -> Set<String> {
        let result = try await Hosts.shell(
            host,
            #"""
            find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run/systemd -o -path /run/udev \
                -o -path /var/log -o -path /var/cache/apt -o -path /var/cache/pgha -o -path /var/lib/systemd \
                -o -path /var/lib/apt/lists/auxfiles -o -path /var/lib/apt/extended_states \
                -o -path /var/lib/dpkg/statoverride-old \
                -o -path /tmp -o -path /var/tmp \) -prune -o -printf '%y %p\n'
            find /run -mindepth 1 \( -path /run/systemd -o -path /run/udev -o -path /run/user -o -path /run/adduser \
                -o -path /run/pgha-node.lock \) -prune -o -printf 'run %p\n'
            sed 's/^/user /' /etc/passwd
            sed 's/^/group /' /etc/group
            systemctl list-unit-files --no-legend --no-pager 'pgha*' 'postgres*' 'haproxy*' 'patroni*' 'zookeeper*' | sed 's/^/unit /'
            dpkg-query -W -f 'package ${Package} ${db:Status-Abbrev}\n'
            """#)
        try #require(result.status == 0, "\(result.errors)")
        return Set(result.output.split(separator: "\n").map(String.init))
    }
}
