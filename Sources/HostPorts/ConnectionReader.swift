import ClusterModel

/// An established TCP connection as one of its ends; an IPv4 address is written as one, also on a socket of IPv6.
package struct EstablishedConnection: Equatable, Sendable {
    package var localAddress: String
    package var localPort: Int
    package var remoteAddress: String
    package var remotePort: Int

    package init(localAddress: String, localPort: Int, remoteAddress: String, remotePort: Int) {
        self.localAddress = localAddress
        self.localPort = localPort
        self.remoteAddress = remoteAddress
        self.remotePort = remotePort
    }
}

package protocol ConnectionReader: Sendable {
    func establishedConnections() throws(NodeFailure) -> [EstablishedConnection]
}
