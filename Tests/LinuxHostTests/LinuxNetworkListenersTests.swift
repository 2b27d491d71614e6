import HostPorts
import Testing

@testable import LinuxHost

@Suite struct LinuxNetworkListenersTests {
    @Test func `reads listening sockets of both families and no others`() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F48 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1 0 100 0
               1: 0100007F:1F48 0200007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 102 1 0 100 0
               2: 00000000000000000000000001000000:0B48 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 103 1
            """

        #expect(
            ListeningSocket.parse(table) == [
                ListeningSocket(address: "127.0.0.1", port: 8008, inode: 101),
                ListeningSocket(address: "::1", port: 2888, inode: 103),
            ])
    }

    @Test(arguments: ["", "header only\n", "header\n 0: zz:1F48 0:0 0A 0 0 0 0 0 1\n", "header\n 0: 01:1 0:0 0A\n"])
    func `skips lines it does not understand`(table: String) {
        #expect(ListeningSocket.parse(table) == [])
    }

    @Test(arguments: [
        ("0::/system.slice/pgha-patroni@pg1.service\n", "/system.slice/pgha-patroni@pg1.service"),
        ("4:memory:/x\n1:name=systemd:/a.slice\n0::/\n", "/a.slice"),
        ("1:cpu:/\n0::/b:c\n", "/b:c"),
        // A container with version 2 alone, on a machine that has both.
        (
            "9:name=systemd:/\n1:cpu:/\n0::/pgha.slice/pgha-haproxy@pg1.service\n",
            "/pgha.slice/pgha-haproxy@pg1.service"
        ),
        ("9:name=systemd:/\n0::/\n", "/"),
    ])
    func `finds the control group that systemd uses`(text: String, group: String) {
        #expect(SocketHolder.controlGroup(in: text) == group)
    }
}

@Suite struct LinuxNetworkSystemTests {
    private let system = LinuxSystem()

    @Test func `knows the machine it runs on`() {
        #expect(["x86_64", "aarch64"].contains(system.architecture))
        #expect(!system.hostName.isEmpty)
        #expect(system.now() > 1_600_000_000)
        #expect(system.clockSynchronisation().estimatedError >= .zero)
    }

    @Test func `makes random bytes that do not repeat`() {
        let bytes = system.randomBytes(300)

        #expect(bytes.count == 300)
        #expect(bytes != system.randomBytes(300))
        #expect(system.randomBytes(0) == [])
    }
}
