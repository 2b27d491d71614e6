import HostPorts
import Testing

@testable import LinuxHost

@Suite struct LinuxNetworkConnectionsTests {
    private static let head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"

    @Test func `reads established connections, and leaves listeners and closing ones out`() {
        let table =
            Self.head + """
                   0: 0B0200C0:1539 00000000:0000 0A 00000000:00000000 00:00000000 00000000   102        0 1 1
                   1: 0B0200C0:1539 0C0200C0:9C40 01 00000000:00000000 00:00000000 00000000   102        0 2 1
                   2: 0B0200C0:1539 0C0200C0:9C41 06 00000000:00000000 00:00000000 00000000   102        0 3 1

                """

        #expect(
            ConnectionTable.parse(table) == [
                EstablishedConnection(
                    localAddress: "192.0.2.11", localPort: 5433, remoteAddress: "192.0.2.12", remotePort: 40000)
            ])
    }

    @Test func `writes an IPv4 connection of a socket of IPv6 as one of IPv4`() {
        let table =
            Self.head
            + "   0: 0000000000000000FFFF00000B0200C0:0885 0000000000000000FFFF00000C0200C0:9C40 01 00000000:00000000\n"

        #expect(ConnectionTable.parse(table).first?.localAddress == "192.0.2.11")
        #expect(ConnectionTable.parse(table).first?.remoteAddress == "192.0.2.12")
    }
}
