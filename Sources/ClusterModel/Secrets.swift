/// The cluster's passwords. They are made once by `pgha-node init` and are the same on every host.
///
/// Not `Codable` and without a description on purpose: a secret must not end up in a log by way of interpolation.
package struct Secrets: Sendable {
    package var superuser: String
    package var replication: String
    package var rewind: String
    package var restAPI: String
    package var zookeeper: String

    package init(superuser: String, replication: String, rewind: String, restAPI: String, zookeeper: String) {
        self.superuser = superuser
        self.replication = replication
        self.rewind = rewind
        self.restAPI = restAPI
        self.zookeeper = zookeeper
    }
}

extension Secrets: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "Secrets(hidden)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
