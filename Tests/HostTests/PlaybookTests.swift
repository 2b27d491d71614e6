import Foundation
import HostPorts
import Testing

extension HostTests {
    /// The playbooks, played word for word on bare hosts, in the order in which one would meet them.
    @Suite(.serialized, .hosts(bare: true))
    struct Playbooks {
        @Test(arguments: [
            "three-hosts.md", "lost-host.md", "maintenance.md", "restart-a-cluster.md", "replace-a-host.md",
        ])
        func `every block of the playbook works as it is written`(name: String) async throws {
            let path = "\(Hosts.repository)ansible-free-playbooks/\(name)"
            let blocks = Playbook.blocks(of: try String(contentsOfFile: path, encoding: .utf8))
            #expect(blocks.count >= 3)
            var actors = Playbook.Actors()
            for block in blocks { try await actors.play(block) }
            try await ClusterProbe.healthy()
        }
    }
}

/// A procedure whose fenced blocks say who does what (ansible-free-playbooks/README.md).
enum Playbook {
    struct Block: Equatable {
        /// The words after the fence, e.g. `sh pg1`.
        var head: [String]
        var lines: [String]
    }

    static func blocks(of text: String) -> [Block] {
        var blocks: [Block] = []
        var open: Block?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(block)
                    open = nil
                } else {
                    open = Block(head: line.dropFirst(3).split(separator: " ").map(String.init), lines: [])
                }
            } else {
                open?.lines.append(line)
            }
        }
        return blocks
    }

    /// Who is meant by `leader` and `not-leader`: those of the moment the first of these words came up.
    struct Actors {
        private var leader: String?

        mutating func play(_ block: Block) async throws {
            switch block.head.first {
            case "sh": try await type(block.lines, on: try await host(block.head[1]))
            case "copy": try await copy(block.lines, from: block.head[1], to: Array(block.head.dropFirst(2)))
            case "fault":
                for line in block.lines {
                    let words = line.split(separator: " ").map(String.init)
                    try await Hosts.require("fault", words[0], try await host(words[1]))
                }
            default: Issue.record("a playbook has a block \(block.head) that nobody can play")
            }
        }

        private mutating func host(_ word: String) async throws -> String {
            guard word == "leader" || word == "not-leader" else { return word }
            let leader = if let known = self.leader { known } else { try await ClusterProbe.healthy() }
            self.leader = leader
            return word == "leader" ? leader : try #require(Machines.others(than: leader).first)
        }

        private func type(_ lines: [String], on host: String) async throws {
            // The host itself ends what does not, so that what it said until then is in the failure.
            let script = "set -euo pipefail\n" + lines.joined(separator: "\n")
            let result = try await Hosts.shell(
                host, "timeout 270 bash -c \"$1\"", script, within: .seconds(300))
            #expect(result.status == 0, "\(host): \(lines)\n\(result.output)\(result.errors)")
        }

        private func copy(_ paths: [String], from source: String, to targets: [String]) async throws {
            for path in paths {
                let archive = try await Hosts.shell(source, "tar -C / -c \"${1#/}\" | base64", path)
                for target in targets {
                    let result = try await Hosts.script(
                        "exec", [target, "--", "sh", "-c", "base64 -d | tar -C / -xp"],
                        input: Array(archive.output.utf8))
                    try #require(result.status == 0, "\(result.errors)")
                }
            }
        }
    }
}
