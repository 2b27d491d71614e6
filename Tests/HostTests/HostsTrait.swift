import Foundation
import HostPorts
import Testing

/// Which hosts a suite needs; they are brought up before its first test and removed after its last one.
struct HostsTrait: SuiteTrait, TestScoping {
    var layout: String
    var image: String
    /// Lines for cluster.yml.
    var settings: String
    var isBare: Bool

    /// The bench's program is no host of the cluster, and looks at each member's own port.
    static let lookedAtByTheBench = "postgresql: { pg_hba: [\"host all all 192.0.2.1/32 scram-sha-256\"] }\n"

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Hosts.require("down")
        var arguments = ["--layout", layout, "--image", image]
        let extra = FileManager.default.temporaryDirectory.appending(path: "pgha-test-\(UUID().uuidString).yml")
        defer { try? FileManager.default.removeItem(at: extra) }
        if !settings.isEmpty {
            try Data(settings.utf8).write(to: extra)
            arguments += ["--config", extra.path(percentEncoded: false)]
        }
        if isBare { arguments.append("--bare") }
        do {
            let result = try await Hosts.script("up", arguments, within: .seconds(2400))
            try #require(result.status == 0, "containers/up \(arguments) said: \(result.errors)")
            try await function()
        } catch {
            try await Hosts.require("down")
            throw error
        }
        try await Hosts.require("down")
    }
}

extension Trait where Self == HostsTrait {
    static func hosts(
        _ layout: String = "three", image: String = "prepared", settings: String = "", bare: Bool = false
    ) -> HostsTrait {
        HostsTrait(layout: layout, image: image, settings: settings, isBare: bare)
    }
}

/// A set of hosts of their own for the tests of a suite.
struct LabTrait: SuiteTrait, TestScoping {
    /// As PGHA_CONTAINERS names it.
    var name: String

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Hosts.$lab.withValue(name) { try await function() }
    }
}

/// Tests on real hosts, one after the other, since there is one set of hosts for them: those that make hosts of their own.
@Suite(.serialized, .onHosts)
enum HostTests {}

/// The same with a second set of hosts, as many as take the same time. Both run at once, since they mostly wait for a cluster.
@Suite(.serialized, .onHosts, LabTrait(name: "t"))
enum ClusterTests {}

extension ClusterTests {
    /// What is tested on one healthy cluster of three hosts, and leaves it healthy.
    @Suite(.serialized, .hosts(settings: HostsTrait.lookedAtByTheBench))
    enum ThreeHosts {}
}

extension Trait where Self == ConditionTrait {
    fileprivate static var onHosts: Self {
        .enabled(if: ProcessInfo.processInfo.environment["PGHA_HOST_TESTS"] == "1", "Tests/run as root runs these")
    }
}
