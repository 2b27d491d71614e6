// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let swiftASN1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

// Who may import whom is ARCHITECTURE.md; Tests/check enforces it.
let package = Package(
    name: "pgha-node",
    products: [
        .executable(name: "pgha-node", targets: ["pgha-node"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // The program is in the libraries; this target only holds @main.
        .executableTarget(name: "pgha-node", dependencies: ["NodeCommands"], swiftSettings: strict),
        .target(
            name: "NodeCommands",
            dependencies: [
                "AgentPeers", "AgentServer", "ClusterCertificates", "ClusterModel", "ConfigFiles", "Decisions",
                "HostLifecycle",
                "HostOperations", "HostPorts", "LinuxHost", "NodeAgent", "NodeInstaller", "PatroniClient",
                "PostgresClient",
                "SystemdClient", "ZooKeeperClient",
                argumentParser,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "NodeInstaller",
            dependencies: ["ClusterCertificates", "ClusterModel", "ConfigFiles", "Decisions", "HostPorts", crypto],
            swiftSettings: strict
        ),
        .target(
            name: "HostOperations", dependencies: ["ClusterModel", "ConfigFiles", "Decisions", "HostPorts"],
            swiftSettings: strict),
        .target(
            name: "HostLifecycle",
            dependencies: ["ClusterModel", "ConfigFiles", "Decisions", "HostOperations", "HostPorts", "NodeInstaller"],
            swiftSettings: strict),
        .target(
            name: "NodeAgent",
            dependencies: ["ClusterModel", "ConfigFiles", "Decisions", "HostOperations", "HostPorts"],
            swiftSettings: strict),
        // Pure: no port, no clock, no logging.
        .target(name: "ClusterModel", dependencies: [yams], swiftSettings: strict),
        .target(
            name: "ClusterCertificates", dependencies: ["ClusterModel", crypto, swiftASN1, x509], swiftSettings: strict),
        .target(name: "ConfigFiles", dependencies: ["ClusterModel", "UnitFiles", crypto], swiftSettings: strict),
        // units/ is for people; embedded, the same files are what the program writes.
        .target(
            name: "UnitFiles", path: "units",
            resources: [
                .embedInCode("pgha-agent.service"), .embedInCode("pgha-haproxy@.service"),
                .embedInCode("pgha-patroni@.service"),
                .embedInCode("pgha-sysusers.conf"), .embedInCode("pgha-zookeeper@.service"),
                .embedInCode("pgha.slice"), .embedInCode("pgha.target"),
            ],
            swiftSettings: strict
        ),
        .target(name: "Decisions", dependencies: ["ClusterModel", "ConfigFiles"], swiftSettings: strict),
        // The ports: protocols through which anything touches the world.
        .target(name: "HostPorts", dependencies: ["ClusterModel"], swiftSettings: strict),
        // Adapters, one each.
        .target(
            name: "LinuxHost",
            dependencies: ["ClusterModel", "HostPorts", "CLinux", subprocess, systemPackage],
            swiftSettings: strict
        ),
        .target(
            name: "PatroniClient",
            dependencies: ["ClusterModel", "HostPorts", httpClient, nioCore, nioHTTP, nioPosix],
            swiftSettings: strict
        ),
        .target(
            name: "PostgresClient", dependencies: ["ClusterModel", "HostPorts", "CLibPQ"], swiftSettings: strict),
        .target(
            name: "SystemdClient", dependencies: ["ClusterModel", "HostPorts", "CSystemd"], swiftSettings: strict),
        .target(
            name: "AgentPeers",
            dependencies: [
                "AgentServer", "ClusterCertificates", "ClusterModel", "HostPorts", httpClient, httpTypes, hummingbird,
                hummingbirdTLS, logging,
                nioCore, nioHTTP, nioSSL, "TLSCredentials",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "TLSCredentials", dependencies: ["ClusterModel", "HostPorts", nioCore, nioSSL], swiftSettings: strict),
        .target(
            name: "AgentServer",
            dependencies: [
                "ClusterModel", "HostPorts", hummingbird, httpTypes, logging, nioCore, nioPosix, serviceLifecycle,
            ],
            swiftSettings: strict),
        .target(
            name: "ZooKeeperClient",
            dependencies: ["ClusterModel", "HostPorts", "TLSCredentials", nioCore, nioPosix, nioSSL],
            swiftSettings: strict),
        .systemLibrary(name: "CLinux"),
        // Its headers only, so no pkgConfig, which would link it.
        .systemLibrary(name: "CLibPQ", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        // Fakes of the ports, for all tests that need a machine.
        .target(
            name: "HostFakes", dependencies: ["ClusterModel", "HostPorts"], path: "Tests/HostFakes",
            swiftSettings: strict),
        // Certificates for tests that speak TLS.
        .target(
            name: "PeerFixtures", dependencies: ["ClusterCertificates", "ClusterModel", "HostPorts"],
            path: "Tests/PeerFixtures", swiftSettings: strict),
        .target(name: "GoldenFiles", path: "Tests/GoldenFiles", swiftSettings: strict),
        .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: strict),
        // Tests/bench.
        .target(name: "BenchStatistics", path: "Tests/BenchStatistics", swiftSettings: strict),
        .testTarget(
            name: "PostgresClientTests", dependencies: ["ClusterModel", "HostPorts", "LinuxHost", "PostgresClient"],
            swiftSettings: strict),
        .testTarget(
            name: "PatroniClientTests",
            dependencies: ["ClusterModel", "HostPorts", "PatroniClient", nioCore, nioPosix],
            swiftSettings: strict),
        .testTarget(
            name: "BenchStatisticsTests", dependencies: ["BenchStatistics", "Decisions"], swiftSettings: strict),
        .executableTarget(
            name: "failover-bench",
            dependencies: [
                "BenchStatistics", "ClusterModel", "Decisions", "HostPorts", "LinuxHost", "PostgresClient",
                "SeededRandom",
                argumentParser,
            ],
            path: "Tests/FailoverBench", swiftSettings: strict),
        .testTarget(
            name: "ClusterModelTests", dependencies: ["ClusterModel", "GoldenFiles", "SeededRandom"],
            exclude: ["Valid"],
            swiftSettings: strict),
        .testTarget(
            name: "ClusterCertificatesTests",
            dependencies: ["ClusterCertificates", "ClusterModel", crypto, swiftASN1, x509], swiftSettings: strict),
        .testTarget(
            name: "ConfigFilesTests", dependencies: ["ClusterModel", "ConfigFiles", "GoldenFiles", yams],
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "DecisionsTests",
            dependencies: ["ClusterModel", "ConfigFiles", "Decisions", "GoldenFiles", "SeededRandom"],
            exclude: ["Golden"],
            swiftSettings: strict),
        .testTarget(
            name: "NodeInstallerTests",
            dependencies: [
                "ClusterCertificates", "ClusterModel", "ConfigFiles", "Decisions", "HostFakes", "HostLifecycle",
                "HostOperations", "HostPorts", "NodeInstaller",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HostOperationsTests",
            dependencies: ["ClusterModel", "Decisions", "HostFakes", "HostOperations", "HostPorts"],
            swiftSettings: strict),
        .testTarget(
            name: "LinuxHostTests", dependencies: ["ClusterModel", "HostPorts", "LinuxHost"], swiftSettings: strict),
        .testTarget(
            name: "SystemdClientTests",
            dependencies: ["ClusterModel", "HostPorts", "SeededRandom", "SystemdClient"], swiftSettings: strict),
        .testTarget(
            name: "NodeCommandsTests",
            dependencies: [
                "ClusterCertificates", "ClusterModel", "ConfigFiles", "Decisions", "GoldenFiles", "HostFakes",
                "HostOperations", "HostPorts", "NodeCommands", "NodeInstaller", "SystemdClient", argumentParser,
            ],
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "NodeAgentTests",
            dependencies: [
                "ClusterModel", "Decisions", "HostFakes", "HostOperations", "HostPorts", "NodeAgent", "SeededRandom",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AgentPeersTests",
            dependencies: [
                "AgentPeers", "AgentServer", "ClusterCertificates", "ClusterModel", "HostPorts", "PeerFixtures",
                httpClient,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ZooKeeperClientTests",
            dependencies: [
                "ClusterModel", "HostPorts", "PeerFixtures", "SeededRandom", "ZooKeeperClient", nioCore,
            ],
            swiftSettings: strict
        ),
        // Real hosts; Tests/run as root lets them run.
        .testTarget(
            name: "HostTests", dependencies: ["BenchStatistics", "ClusterModel", "HostPorts", "LinuxHost"],
            swiftSettings: strict),
    ]
)
