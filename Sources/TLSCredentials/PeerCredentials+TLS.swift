import ClusterModel
import HostPorts
import NIOCore
import NIOSSL

/// TLS with a certificate on either side, which only the authority of the credentials can have issued.
///
/// BoringSSL verifies chain and validity, and a client also the name or the address that it has asked. All throw
/// `.invalidConfiguration` for credentials that are none.
extension PeerCredentials {
    package func clientTLS(atLeast version: TLSVersion = .tlsv13) throws(NodeFailure) -> TLSConfiguration {
        var configuration = try configuration { chain, key in
            var made = TLSConfiguration.makeClientConfiguration()
            made.certificateChain = chain
            made.privateKey = key
            return made
        }
        configuration.minimumTLSVersion = version
        configuration.certificateVerification = .fullVerification
        return configuration
    }

    package func serverTLS() throws(NodeFailure) -> TLSConfiguration {
        var configuration = try configuration {
            TLSConfiguration.makeServerConfiguration(certificateChain: $0, privateKey: $1)
        }
        configuration.minimumTLSVersion = .tlsv13
        // For the other side's goodbye. A server that ends with connections that are kept would wait for it, 5 s unless told.
        configuration.shutdownTimeout = .milliseconds(200)
        // On a server: a certificate is demanded, and its names do not matter (NIOSSL, CertificateVerification).
        configuration.certificateVerification = .noHostnameVerification
        return configuration
    }

    private func configuration(
        _ make: ([NIOSSLCertificateSource], NIOSSLPrivateKeySource) -> TLSConfiguration
    ) throws(NodeFailure) -> TLSConfiguration {
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8))
            let authority = try NIOSSLCertificate.fromPEMBytes(Array(authority.utf8))
            let key = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
            var configuration = make(chain.map { .certificate($0) }, .privateKey(key))
            configuration.trustRoots = .certificates(authority)
            return configuration
        } catch {
            // Nothing of what BoringSSL says of a key.
            throw NodeFailure(
                .invalidConfiguration, "the certificates of this host cannot be used",
                hint: "Run \"pgha-node certs\" to see what is wrong, and \"pgha-node certs renew\".")
        }
    }
}
