import ClusterModel
import Foundation
import HostPorts
import Testing

@testable import HostOperations
@testable import NodeAgent

/// What is shipped for Prometheus and Grafana names only metrics that there are.
@Suite struct MonitoringTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "ansible-free-playbooks/monitoring")

    private static func names(in text: String) -> Set<String> {
        Set(text.matches(of: #/\bpgha_[a-z_]+/#).map { String($0.output) })
    }

    private static var emitted: Set<String> {
        let maintenance = MaintenanceStatus(isOn: true)
        let status = HostStatus(cluster: "demo", host: "pg1", services: [], maintenance: maintenance)
        return names(in: Metrics.text(HostLook(of: status), leader: .nobody, host: "pg1"))
    }

    @Test(arguments: ["pgha-alerts.yml", "pgha-dashboard.json"])
    func `names only metrics that the agent has`(file: String) throws {
        let text = try String(contentsOf: Self.directory.appending(path: file), encoding: .utf8)
        let named = Self.names(in: text)
        #expect(named.count > 5)
        #expect(named.subtracting(Self.emitted) == [])
    }

    @Test func `the dashboard is JSON with a panel for each metric`() throws {
        let data = try Data(contentsOf: Self.directory.appending(path: "pgha-dashboard.json"))
        let board = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(board["panels"] as? [[String: Any]])
        let identifiers = panels.compactMap { $0["id"] as? Int }
        #expect(Set(identifiers).count == panels.count)
        #expect(Self.names(in: String(decoding: data, as: UTF8.self)) == Self.emitted)
    }

    @Test func `README explains every metric`() throws {
        let readme = Self.directory.deletingLastPathComponent().deletingLastPathComponent().appending(path: "README.md")
        let text = try String(contentsOf: readme, encoding: .utf8)
        #expect(Self.emitted.subtracting(Self.names(in: text)) == [])
    }

    @Test func `the metrics tell how full the disks are`() {
        let space = FileSystemSpace(free: 5, total: 20, type: "ext4")
        let text = Metrics.text(nil, leader: .unknown, host: "pg1", disks: [("/var/lib/pgha/pg1/postgresql", space)])
        #expect(text.contains("pgha_disk_free_bytes{path=\"/var/lib/pgha/pg1/postgresql\"} 5\n"))
        #expect(text.contains("pgha_disk_size_bytes{path=\"/var/lib/pgha/pg1/postgresql\"} 20\n"))
    }
}
