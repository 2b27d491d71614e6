import ClusterModel
import Decisions
import Foundation
import HostPorts

/// A text of a support bundle. Its path is below the host's directory there.
package struct ReportFile: Codable, Equatable, Sendable {
    package var path: String
    package var text: String

    package init(_ path: String, _ text: String) {
        self.path = path
        self.text = text
    }
}

/// What a host can tell of itself to whoever has to find out what is wrong with it; without secrets.
///
/// Each part stands for itself: one that cannot be had says why in its place.
package struct HostFacts: Sendable {
    /// Of one text; what is longer has its end cut off, and says so.
    private static let longest = 256 << 10
    /// The path under which an agent tells them.
    package static let path = "/facts"

    private let machine: Machine
    private let cluster: Cluster
    private let host: ClusterHost
    private let scrubber: Scrubber

    package init(machine: Machine, cluster: Cluster, host: ClusterHost, secrets: Secrets) {
        self.machine = machine
        self.cluster = cluster
        self.host = host
        scrubber = Scrubber(secrets)
    }

    package func files() async -> [ReportFile] {
        var found: [ReportFile] = []
        for (name, commands) in Self.commands(of: cluster) { found.append(ReportFile(name, await said(by: commands))) }
        found.append(ReportFile("system.txt", texts(of: Self.systemFiles)))
        found += configuration()
        return found.map { ReportFile($0.path, shortened(scrubber.scrub($0.text))) }
    }

    private static func commands(of cluster: Cluster) -> [(String, [[String]])] {
        [
            ("units.txt", [["/usr/bin/systemctl", "show", "--no-pager", "pgha-*", "pgha.target", "pgha.slice"]]),
            (
                "unit-files.txt",
                [
                    ["/usr/bin/systemctl", "cat", "--no-pager", "pgha-*"],
                    ["/usr/bin/systemctl", "list-units", "--all", "--no-pager", "--plain", "pgha*"],
                    ["/usr/bin/systemctl", "list-timers", "--all", "--no-pager", "pgha*"],
                    ["/usr/bin/systemctl", "list-units", "--failed", "--no-pager", "--plain"],
                ]
            ),
            (
                "versions.txt",
                [
                    ["/usr/bin/uname", "--all"], ["/usr/bin/systemctl", "--version"],
                    ["/usr/local/bin/pgha-node", "--version"],
                    ["/usr/lib/postgresql/\(cluster.postgres.version)/bin/postgres", "--version"],
                    ["/usr/sbin/haproxy", "-v"],
                    [
                        "/usr/bin/dpkg-query", "--show", "postgresql*", "libpq5", "patroni", "zookeeper*", "haproxy",
                        "systemd", "libc6", "linux-image*", "openjdk*", "default-jre*",
                    ],
                ]
            ),
            (
                "resources.txt",
                [
                    ["/usr/bin/df", "--print-type", "--human-readable"], ["/usr/bin/df", "--inodes"],
                    ["/usr/bin/free", "--mebi"],
                    ["/usr/bin/ps", "-eo", "pid,ppid,user,stat,rss,pcpu,etime,comm", "--sort=-rss"],
                ]
            ),
            (
                "network.txt",
                [["/usr/bin/ss", "--no-header", "-tlnp"], ["/usr/bin/ss", "-s"], ["/usr/sbin/ip", "address"]]
            ),
            ("clock.txt", [["/usr/bin/timedatectl", "show"]]),
        ]
    }

    private static let systemFiles = [
        "/etc/os-release", "/proc/uptime", "/proc/loadavg", "/proc/meminfo", "/proc/pressure/cpu", "/proc/pressure/io",
        "/proc/pressure/memory", "/proc/sys/vm/overcommit_memory", "/proc/sys/vm/swappiness",
        "/sys/kernel/mm/transparent_hugepage/enabled",
    ]

    private func said(by commands: [[String]]) async -> String {
        var parts: [String] = []
        for command in commands {
            guard let program = command.first else { continue }
            var text = "# \(command.joined(separator: " "))\n"
            do throws(NodeFailure) {
                let result = try await machine.commands.run(
                    Command(program, Array(command.dropFirst()), timeLimit: .seconds(10)))
                text += result.output + (result.errors.isEmpty ? "" : result.errors)
                if result.status != 0 { text += "# ended with \(result.status)\n" }
            } catch {
                text += "# \(error.message)\n"
            }
            parts.append(text)
        }
        return parts.joined(separator: "\n")
    }

    private func texts(of paths: [String]) -> String {
        paths.map { path in
            do throws(NodeFailure) {
                return "# \(path)\n" + (try machine.files.text(path) ?? "# not there\n")
            } catch {
                return "# \(path)\n# \(error.message)\n"
            }
        }.joined(separator: "\n")
    }

    /// The files of /etc/pgha as they are, but for those that are nothing but secrets.
    private func configuration() -> [ReportFile] {
        var found: [ReportFile] = []
        for directory in [""] + host.roles.map({ "/\($0.role)" }) {
            let base = "/etc/pgha\(directory)"
            for name in (try? machine.files.names(in: base)) ?? [] {
                let path = "\(base)/\(name)"
                guard let attributes = try? machine.files.attributes(path), attributes.kind == .file else { continue }
                do throws(NodeFailure) {
                    found.append(ReportFile("config\(directory)/\(name)", try machine.files.text(path) ?? ""))
                } catch {
                    found.append(ReportFile("config\(directory)/\(name)", "# \(error.message)\n"))
                }
            }
        }
        return found
    }

    private func shortened(_ text: String) -> String {
        guard text.utf8.count > Self.longest else { return text }
        return String(decoding: text.utf8.prefix(Self.longest), as: UTF8.self) + "\n# cut off here\n"
    }
}

extension HostFacts {
    /// As an agent sends them.
    package static func answer(_ files: [ReportFile]) -> StatusAnswer {
        guard let bytes = try? JSONEncoder().encode(files) else { return StatusAnswer(status: 500, body: "") }
        return StatusAnswer(
            status: 200, contentType: "application/json", body: String(decoding: bytes, as: UTF8.self))
    }

    /// Of another host. Throws `.unreachable` if its agent does not answer, `.invalidData` for an answer that is none.
    package static func ask(_ host: ClusterHost, _ question: PeerQuestion) async throws(NodeFailure) -> [ReportFile] {
        let answer = try await question.ask(path, host, within: .seconds(60))
        guard answer.status == 200,
            let files = try? JSONDecoder().decode([ReportFile].self, from: Data(answer.body.utf8))
        else {
            throw NodeFailure(
                .invalidData, "the agent of \(host.name) does not tell of its host",
                detail: "It answered with \(answer.status).", hint: "It may be of an earlier version.")
        }
        return files
    }
}
