import ClusterModel
import Foundation
import Glibc
import HostPorts
import Testing

@testable import LinuxHost

/// A listener on a loopback address and a port of the kernel's choice; it serves one connection if it has an answer.
///
/// Without a backlog it only keeps the port from others, so that connections are refused for certain.
private final class Listener: Sendable {
    let port: Int
    private let descriptor: Int32

    init(answer: String? = nil, closes: Bool = true, backlog: Int32? = 4) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let own = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(own, $0, size) | (backlog.map { listen(own, $0) } ?? 0) | getsockname(own, $0, &size)
            }
        }
        try #require(result == 0)
        port = Int(UInt16(bigEndian: address.sin_port))
        guard let answer else { return }
        Thread.detachNewThread {
            let client = accept(own, nil, nil)
            var request = [UInt8](repeating: 0, count: 64)
            let count = recv(client, &request, request.count, 0)
            let text = answer + String(decoding: request[..<max(0, count)], as: UTF8.self)
            _ = text.withCString { send(client, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
            if closes { close(client) }
        }
    }

    func stop() { close(descriptor) }
}

@Suite struct LinuxNetworkTests {
    private let network = LinuxNetwork()

    @Test func `connects to a port where somebody listens`() async throws {
        let listener = try Listener()
        defer { listener.stop() }

        #expect(await network.connect(to: "127.0.0.1", port: listener.port, within: .seconds(2)) == .accepted)
    }

    @Test func `tells a refusal from silence`() async throws {
        let listener = try Listener(backlog: nil)
        defer { listener.stop() }

        #expect(await network.connect(to: "127.0.0.1", port: listener.port, within: .seconds(2)) == .refused)
    }

    @Test func `gives up at the limit where nothing comes back`() async throws {
        // Linux answers no more connection attempts once the queue of a listener that accepts none is full (listen(2)).
        let listener = try Listener(backlog: 0)
        defer { listener.stop() }
        var outcome = ConnectOutcome.accepted
        var attempts = 0
        while outcome == .accepted, attempts < 10 {
            outcome = await network.connect(to: "127.0.0.1", port: listener.port, within: .milliseconds(200))
            attempts += 1
        }

        #expect(outcome == .timedOut)
    }

    @Test func `says why there is no way`() async {
        // 255.255.255.255 is the limited broadcast address; TCP has no way to it (RFC 919).
        let outcome = await network.connect(to: "255.255.255.255", port: 9, within: .milliseconds(200))

        guard case .unreachable(let reason) = outcome else {
            Issue.record("the outcome is \(outcome)")
            return
        }
        #expect(reason.first?.isLowercase == true)
    }

    @Test(arguments: ["pg1", "1.2.3", "", "::g"])
    func `does not take a name for an address`(text: String) async {
        #expect(
            await network.connect(to: text, port: 1, within: .seconds(1))
                == .unreachable("\"\(text)\" is not an address"))
    }

    @Test func `sends a request and reads the answer to its end`() async throws {
        let listener = try Listener(answer: "answer to ")
        defer { listener.stop() }

        #expect(
            await network.exchange("srvr", with: "127.0.0.1", port: listener.port, within: .seconds(2))
                == "answer to srvr")
    }

    @Test func `returns what came when the other side does not close`() async throws {
        let listener = try Listener(answer: "half of ", closes: false)
        defer { listener.stop() }

        #expect(
            await network.exchange("it", with: "127.0.0.1", port: listener.port, within: .milliseconds(300))
                == "half of it")
    }

    @Test func `has no answer where nobody listens`() async throws {
        let listener = try Listener(backlog: nil)
        defer { listener.stop() }

        #expect(await network.exchange("srvr", with: "127.0.0.1", port: listener.port, within: .seconds(1)) == nil)
    }

    @Test func `finds who listens on a port`() throws {
        let listener = try Listener()
        defer { listener.stop() }

        let found = try #require(try network.listeningPorts().first { $0.port == listener.port })

        #expect(found.address == "127.0.0.1")
        let name = try String(contentsOfFile: "/proc/self/comm", encoding: .utf8).trimmingCharacters(in: .newlines)
        #expect(found.process == name)
        #expect(found.controlGroup?.hasPrefix("/") == true)
    }

    @Test func `leaves loopback out of the local addresses`() throws {
        let addresses = try network.localAddresses()

        #expect(!addresses.contains("127.0.0.1"))
        #expect(!addresses.contains("::1"))
        #expect(addresses.allSatisfy { SocketAddress($0, port: 1) != nil })
    }

    @Test func `resolves localhost and nothing that cannot exist`() async {
        #expect(await network.resolve("localhost").contains { $0 == "127.0.0.1" || $0 == "::1" })
        // The domain is reserved to not exist (RFC 2606).
        #expect(await network.resolve("no-such-host.invalid").isEmpty)
    }
}
