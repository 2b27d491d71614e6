import ClusterCertificates
import Foundation
import SwiftASN1
import Testing
@_spi(FixedExpiryValidationTime) import X509

/// What others make of the certificates: the verifier that a TLS client would use, and OpenSSL.
@Suite struct CertificateProofTests {
    private let fixture: CertificateFixture

    init() throws {
        fixture = try CertificateFixture()
    }

    private func isAccepted(
        _ certificate: PeerCertificate, by authority: PeerCertificate, as name: String? = nil, at moment: Date
    ) async throws -> Bool {
        let root = try Certificate(pemEncoded: try authority.pem())
        let leaf = try Certificate(pemEncoded: try certificate.pem())
        var verifier = Verifier(rootCertificates: CertificateStore([root])) {
            RFC5280Policy(fixedExpiryValidationTime: moment)
            ServerIdentityPolicy(serverHostname: name, serverIP: nil)
        }
        let result = await verifier.validate(leaf: leaf, intermediates: CertificateStore())
        if case .validCertificate = result { return true }
        return false
    }

    @Test func `a chain to the authority is accepted for the host's name, in its time`() async throws {
        let authority = fixture.authority.certificate
        let other = try CertificateFixture().authority.certificate
        let now = CertificateFixture.now
        let accepted = try await isAccepted(fixture.certificate, by: authority, as: "pg1", at: now)
        let otherName = try await isAccepted(fixture.certificate, by: authority, as: "pg2", at: now)
        let otherAuthority = try await isAccepted(fixture.certificate, by: other, as: "pg1", at: now)
        let late = try await isAccepted(
            fixture.certificate, by: authority, as: "pg1", at: CertificateFixture.after(days: 366))
        #expect(accepted)
        #expect([otherName, otherAuthority, late] == [false, false, false])
    }

    private static let openssl = "/usr/bin/openssl"

    private func run(_ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(filePath: Self.openssl)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: openssl), "openssl is not installed"),
        arguments: ["sslserver", "sslclient"])
    func `OpenSSL accepts it for both ends of a connection`(purpose: String) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "pgha-certs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let authority = directory.appending(path: "ca.crt").path(percentEncoded: false)
        let certificate = directory.appending(path: "agent.crt").path(percentEncoded: false)
        try Data(try fixture.authority.certificate.pem().utf8).write(to: URL(filePath: authority))
        try Data(try fixture.certificate.pem().utf8).write(to: URL(filePath: certificate))
        let verify = [
            "verify", "-x509_strict", "-CAfile", authority, "-purpose", purpose, "-attime", "1800000000", "-verify_ip",
            "192.0.2.11", certificate,
        ]
        let result = try run(verify)
        #expect(result.status == 0, "\(result.text)")
        #expect(try run(verify.map { $0 == "192.0.2.11" ? "192.0.2.12" : $0 }).status != 0)
        let shown = try run(["x509", "-in", certificate, "-noout", "-ext", "subjectAltName,extendedKeyUsage"]).text
        #expect(shown.contains("DNS:pg1, IP Address:192.0.2.11, IP Address:2001:DB8:0:0:0:0:0:11, URI:pgha://shop/pg1"))
        #expect(shown.contains("TLS Web Server Authentication, TLS Web Client Authentication"))
    }
}
