import Foundation
import HostPorts
import PeerFixtures
import Testing

/// Three real servers of ZooKeeper on this machine's loopback, ended by their numbers whatever happens.
final class Ensemble: @unchecked Sendable {
    static let jar = "/usr/share/java/zookeeper.jar"
    static var isThere: Bool {
        FileManager.default.fileExists(atPath: jar) && FileManager.default.fileExists(atPath: "/usr/bin/java")
    }

    /// Of the secure ports: two addresses, so that one certificate does not do for all.
    static let secureAddresses = ["127.0.0.1", "127.0.0.1", "127.0.0.2"]

    let ports: [Int]
    private let directory: URL
    private var processes: [Process?] = [nil, nil, nil]

    /// With `credentials` the ports are secure ones, and whoever connects must have a certificate of the same authority.
    init(credentials: PeerCredentials? = nil) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "pgha-zookeeper-\(UUID().uuidString)")
        let free = try FreePorts.take(9)
        ports = Array(free[0..<3])
        for number in 0..<3 {
            let data = directory.appending(path: "\(number)")
            try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
            try "\(number + 1)\n".write(to: data.appending(path: "myid"), atomically: true, encoding: .utf8)
            let servers = (0..<3).map { "server.\($0 + 1)=127.0.0.1:\(free[3 + $0]):\(free[6 + $0])\n" }.joined()
            let port = try credentials.map { try secure(number, $0, in: data) }
            let settings = """
                dataDir=\(data.path)
                \(port ?? "clientPort=\(ports[number])\nclientPortAddress=127.0.0.1")
                tickTime=200
                initLimit=50
                syncLimit=10
                minSessionTimeout=400
                maxSessionTimeout=60000
                4lw.commands.whitelist=srvr
                admin.enableServer=false

                """
            try (settings + servers).write(to: data.appending(path: "zoo.cfg"), atomically: true, encoding: .utf8)
            try start(number)
        }
    }

    /// Keys as PEM, which ZooKeeper reads since 3.5 (administrator's guide, ssl.keyStore.type).
    private func secure(_ number: Int, _ credentials: PeerCredentials, in directory: URL) throws -> String {
        let (keys, trust) = (directory.appending(path: "keys.pem"), directory.appending(path: "trust.pem"))
        try (credentials.key + "\n" + credentials.certificate).write(to: keys, atomically: true, encoding: .utf8)
        try credentials.authority.write(to: trust, atomically: true, encoding: .utf8)
        return """
            secureClientPort=\(ports[number])
            secureClientPortAddress=\(Self.secureAddresses[number])
            serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory
            ssl.keyStore.location=\(keys.path)
            ssl.keyStore.type=PEM
            ssl.trustStore.location=\(trust.path)
            ssl.trustStore.type=PEM
            ssl.clientAuth=need
            """
    }

    func start(_ number: Int) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/java")
        process.arguments = [
            "-Xmx64m", "-XX:+UseSerialGC", "-cp",
            "\(Self.jar):/usr/share/java/slf4j-nop.jar:/usr/share/java/netty-codec.jar",
            "org.apache.zookeeper.server.quorum.QuorumPeerMain", directory.appending(path: "\(number)/zoo.cfg").path,
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        processes[number] = process
    }

    func signal(_ signal: Int32, to number: Int) {
        if let process = processes[number] { _ = kill(process.processIdentifier, signal) }
    }

    func kill9(_ number: Int) {
        signal(SIGKILL, to: number)
        processes[number]?.waitUntilExit()
        processes[number] = nil
    }

    func end() {
        for number in 0..<3 { kill9(number) }
        try? FileManager.default.removeItem(at: directory)
    }
}
