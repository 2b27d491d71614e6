import ClusterCertificates
import Foundation
import Hummingbird
import NIOCore
import NIOSSL

/// A request of a peer, with the connection on which it came.
struct PeerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Whose certificate it is. nil for one that names no host, or that has expired since the connection was made: connections are
    /// used again, and BoringSSL looks at a certificate once.
    func host(now: Date = Date()) async -> String? {
        let bytes = try? await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self).peerCertificate?.toDERBytes()
        }.get()
        guard let bytes, let certificate = PeerCertificate(der: bytes),
            CertificateJudge(now: now).state(of: certificate).isGood
        else { return nil }
        return certificate.identity?.host
    }
}
