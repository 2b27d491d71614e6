import ClusterModel

/// How an attempt to connect ended.
package enum ConnectOutcome: Equatable, Sendable {
    case accepted
    case refused
    /// Nothing came back: the host is down or a firewall drops the packets.
    case timedOut
    /// The network says that there is no way, e.g. "no route to host".
    case unreachable(String)
}

/// A TCP port that some process of this machine listens on.
package struct ListeningPort: Equatable, Sendable {
    package var address: String
    package var port: Int
    /// The name of a process that holds it, where it could be found out.
    package var process: String?
    /// The control group of that process, e.g. `/system.slice/pgha-haproxy@pg1.service`.
    package var controlGroup: String?

    package init(address: String, port: Int, process: String? = nil, controlGroup: String? = nil) {
        self.address = address
        self.port = port
        self.process = process
        self.controlGroup = controlGroup
    }
}

package protocol NetworkProbe: Sendable {
    /// Addresses of this machine's interfaces in their canonical text form, loopback left out.
    func localAddresses() throws(NodeFailure) -> [String]
    func listeningPorts() throws(NodeFailure) -> [ListeningPort]
    func connect(to address: String, port: Int, within limit: Duration) async -> ConnectOutcome
    /// Sends `request`, reads until the other side closes or the limit passes; nil if it could not connect.
    func exchange(_ request: String, with address: String, port: Int, within limit: Duration) async -> String?
    /// As above with a Unix socket; throws `.notFound` if there is none, `.notPermitted` if it is not for us, `.unreachable` else.
    func exchange(_ request: String, withSocket path: String, within limit: Duration) async throws(NodeFailure)
        -> String
    /// Addresses of a host name; empty if it does not resolve.
    func resolve(_ name: String) async -> [String]
}
