import ClusterCertificates
import ClusterModel
import Decisions
import Foundation
import HostPorts

/// The certificate of this host's agent, as files.
///
/// A renewal keeps the key unless a new one is asked for: then one rename puts the new certificate in the place of the old
/// one, and whoever reads the two files while that happens always finds a pair.
package struct CertificateInstaller: Sendable {
    private let machine: Machine

    package init(machine: Machine) {
        self.machine = machine
    }

    private var now: Date { Date(timeIntervalSince1970: machine.system.now()) }

    func isInPlace(_ wanted: AgentCertificate) throws(NodeFailure) -> Bool {
        guard wanted.renewal == .whenNeeded else { return false }
        let authority = try CertificateAuthority(wanted.authority).certificate
        let found = try look(for: wanted.names, expected: authority)
        guard found.authority.state.isGood, let certificate = found.host.certificate else { return false }
        return !CertificateJudge(now: now).isRenewable(certificate, in: found.host.state, by: authority)
    }

    func issue(_ wanted: AgentCertificate) throws(NodeFailure) -> WriteOutcome {
        let random = { machine.system.randomBytes($0) }
        let authority = try CertificateAuthority(wanted.authority)
        let before = try machine.files.text(AgentCertificate.keyPath).flatMap(PeerKey.init(pem:))
        let kept = wanted.renewal == .alwaysWithNewKey ? nil : before
        let key = if let kept { kept } else { try PeerKey.make(random: random) }
        let certificate = try authority.issue(to: wanted.names, key: key, now: now, random: random)
        _ = try write(try authority.certificate.pem(), to: AgentCertificate.authorityPath, mode: 0o644)
        _ = try write(key.pem, to: AgentCertificate.keyPath, mode: 0o600)
        return try write(try certificate.pem(), to: AgentCertificate.certificatePath, mode: 0o644)
    }

    /// What there is, and what it is worth. `expected` is the authority in the secrets, if they have one.
    package func rows(
        for names: HostNames, expected: PeerCertificate?
    ) throws(NodeFailure) -> [CertificateRow] {
        let found = try look(for: names, expected: expected)
        return [found.authority, found.host]
    }

    private func look(
        for names: HostNames, expected: PeerCertificate?
    ) throws(NodeFailure) -> (authority: CertificateRow, host: CertificateRow) {
        let judge = CertificateJudge(now: now)
        var authority = try row(AgentCertificate.authorityPath, mode: 0o644)
        var host = try row(AgentCertificate.certificatePath, mode: 0o644)
        if let found = authority.certificate, authority.state.isGood {
            authority.state = judge.state(ofAuthority: found, expected: expected)
        }
        if let found = host.certificate, host.state.isGood {
            let key = try machine.files.text(AgentCertificate.keyPath).flatMap(PeerKey.init(pem:))
            // Whom the host trusts is in its own file; without that, nobody.
            host.state =
                authority.certificate.map { judge.state(of: found, issuedBy: $0, to: names, key: key) }
                ?? .foreignAuthority
            if host.state.isGood, try !isClosed(AgentCertificate.keyPath, mode: 0o600) { host.state = .exposed }
        }
        return (authority, host)
    }

    private func row(_ path: String, mode: UInt16) throws(NodeFailure) -> CertificateRow {
        guard let text = try machine.files.text(path) else { return CertificateRow(path, nil, .missing, at: now) }
        guard let certificate = PeerCertificate(pem: text) else {
            return CertificateRow(path, nil, .unreadable, at: now)
        }
        return CertificateRow(path, certificate, try isClosed(path, mode: mode) ? .valid : .exposed, at: now)
    }

    private func isClosed(_ path: String, mode: UInt16) throws(NodeFailure) -> Bool {
        let found = try machine.files.attributes(path)
        return found?.kind == .file && found?.owner == .root && found?.mode == mode
    }

    private func write(_ text: String, to path: String, mode: UInt16) throws(NodeFailure) -> WriteOutcome {
        try machine.files.write(Array(text.utf8), to: path, owner: .root, mode: mode)
    }
}

extension AgentCertificate {
    package var names: HostNames { HostNames(cluster: cluster, host: host, addresses: addresses) }
}

/// A certificate on this host; `certs` prints it.
package struct CertificateRow: Encodable, Equatable, Sendable {
    package var file: String
    package var subject: String?
    package var issuer: String?
    package var serial: String?
    /// As in RFC 3339, in UTC.
    package var validFrom: String?
    package var expires: String?
    package var daysLeft: Int?
    package var state: CertificateState

    package var certificate: PeerCertificate?

    private enum CodingKeys: CodingKey {
        case file, subject, issuer, serial, validFrom, expires, daysLeft, state
    }

    init(_ file: String, _ certificate: PeerCertificate?, _ state: CertificateState, at now: Date) {
        self.file = file
        self.certificate = certificate
        self.state = state
        subject = certificate?.subject
        issuer = certificate?.issuer
        serial = certificate?.serial
        validFrom = certificate?.notBefore.formatted(.iso8601)
        expires = certificate?.notAfter.formatted(.iso8601)
        daysLeft = certificate?.daysLeft(at: now)
    }
}
