import ClusterCertificates
import ClusterModel
import Foundation
import HostPorts

/// A certificate authority with this machine's random bytes and time.
enum NewAuthority {
    static func make(for cluster: String, on machine: Machine) throws(NodeFailure) -> CertificateAuthority {
        try CertificateAuthority.make(
            cluster: cluster, now: Date(timeIntervalSince1970: machine.system.now()),
            random: { machine.system.randomBytes($0) })
    }
}

/// What is said where secrets of an earlier version are not enough.
enum MissingAuthority {
    static let failure = NodeFailure(
        .notFound, "the secrets have no certificate authority",
        detail: "An earlier version has made them. The services do not need one; the agents of the hosts do.",
        hint: "Run \"pgha-node certs init\" on one host, copy \(ClusterOptions.secretsPath) to the others, and run "
            + "\"pgha-node install\" on each.")
}
