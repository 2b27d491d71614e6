import ArgumentParser
import ClusterCertificates
import ClusterModel
import Decisions
import HostPorts
import NodeInstaller

struct Certs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certs",
        abstract: "Show this host's certificates, renew them, or give the secrets a certificate authority.",
        discussion: """
            The agents of the hosts know each other by certificates: "init" makes an authority for the cluster, whose key stays \
            with the secrets, and "install" issues each host's certificate, good for a year. Without a word, they are shown; the \
            exit status is \(NodeFailure.Code.notReady.exitStatus) if one is not good. "renew" issues a new one for the same \
            key, and an agent that runs takes it without a restart. "certs init" adds an authority to secrets that an earlier \
            version has made: run it on one host only, copy the secrets to the others, then run "install" on each.

            Examples:
              pgha-node certs
              pgha-node certs --output json
              pgha-node certs renew --if-expiring      changes nothing with \(CertificateLifetime.renewalDays) days left or more
              pgha-node certs renew --new-key          for a key that somebody may have seen
              pgha-node certs renew --dry-run
              pgha-node certs init
            """
    )

    enum Action: String, ExpressibleByArgument, CaseIterable {
        case show, renew, initialise = "init"
    }

    @Argument(help: "show, renew or init.")
    var action = Action.show

    @Flag(help: "With renew: only if it expires soon or is not what it should be.")
    var ifExpiring = false

    @Flag(help: "With renew: also make a new private key.")
    var newKey = false

    @Flag(help: "With renew and init: print what would be done and change nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("With init: the file of secrets.", valueName: "file"))
    var secrets = ClusterOptions.secretsPath

    @OptionGroup var lock: LockOptions
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if ifExpiring, action != .renew { throw ValidationError("\"--if-expiring\" goes with \"renew\" only") }
        if newKey, action != .renew { throw ValidationError("\"--new-key\" goes with \"renew\" only") }
        if newKey, ifExpiring { throw ValidationError("Give either --if-expiring or --new-key.") }
        if dryRun, action == .show { throw ValidationError("\"--dry-run\" goes with \"renew\" and \"init\" only") }
        if secrets != ClusterOptions.secretsPath, action != .initialise {
            throw ValidationError("\"--secrets\" goes with \"init\" only")
        }
    }

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        let model = try cluster.load(on: machine)
        switch action {
        case .show: try show(model, on: machine)
        case .renew: try await renew(model, on: machine)
        case .initialise: try await addAuthority(to: model, on: machine)
        }
    }

    private func show(_ model: Cluster, on machine: Machine) throws(NodeFailure) {
        try machine.requireRoot(to: "read \(AgentCertificate.directory)")
        let rows = try rows(of: model, on: machine)
        try output.render(rows, table: CertificateText.text)
        for hint in CertificateText.hints(rows) { Output.comment(hint) }
        guard let bad = rows.first(where: { !$0.state.isGood }) else { return }
        throw NodeFailure(
            .notReady, "\"\(bad.file)\" is \(bad.state.rawValue)",
            detail: "Other hosts do not talk to an agent that has no good certificate.",
            hint: try CertificateText.remedy(for: bad, secrets: authority(on: machine) != nil))
    }

    private func rows(of model: Cluster, on machine: Machine) throws(NodeFailure) -> [CertificateRow] {
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        let names = HostNames(cluster: model.name, host: host.name, addresses: [host.address])
        return try CertificateInstaller(machine: machine).rows(
            for: names, expected: try authority(on: machine)?.certificate)
    }

    /// A host shows its certificates without the secrets as well.
    private func authority(on machine: Machine) throws(NodeFailure) -> CertificateAuthority? {
        guard try machine.files.exists(ClusterOptions.secretsPath),
            let secret = try ClusterOptions.loadSecrets(on: machine).authority
        else { return nil }
        return try CertificateAuthority(secret)
    }

    private func renew(_ model: Cluster, on machine: Machine) async throws(NodeFailure) {
        try machine.requireRoot(to: "renew certificates")
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        guard let secret = try ClusterOptions.loadSecrets(on: machine).authority else {
            throw MissingAuthority.failure
        }
        let held = try await lock.take("certs renew", on: machine)
        defer { withExtendedLifetime(held) {} }
        // What is not in a receipt, uninstall would not find.
        let receipt = try ReceiptStore(files: machine.files).load()
        guard let receipt, !receipt.roles.isEmpty, receipt.cluster == model.name else {
            throw NodeFailure(
                .notFound, "this host is not installed as a host of the cluster \"\(model.name)\"",
                detail: receipt.map { "It is a host of the cluster \"\($0.cluster)\"." },
                hint: "Run \"pgha-node install\", which issues the certificate as well.")
        }
        let renewal: AgentCertificate.Renewal =
            ifExpiring ? .whenNeeded : newKey ? .alwaysWithNewKey : .always
        let wanted = AgentCertificate(of: host, in: model, authority: secret, renewal: renewal)
        let runner = PlanRunner(machine: machine, bundle: nil, progress: StepNarrator.narrate)
        let steps =
            dryRun
            ? try await runner.preview(wanted.steps) : try await runner.run(wanted.steps, cluster: model, roles: [])
        let report = RenewalReport(
            cluster: model.name, host: host.name, isDryRun: dryRun, steps: steps,
            certificates: try rows(of: model, on: machine))
        try output.render(report, table: CertificateText.text)
    }

    /// Adds it to secrets that have none. Everything else in them stays as it is.
    private func addAuthority(to model: Cluster, on machine: Machine) async throws(NodeFailure) {
        var held: HostLock?
        if secrets == ClusterOptions.secretsPath {
            try machine.requireRoot(to: "change \(secrets)")
            held = try await lock.take("certs init", on: machine)
        }
        defer { withExtendedLifetime(held) {} }
        let found = try ClusterOptions.loadSecrets(on: machine, from: secrets)
        var report = AuthorityReport(file: secrets, isDryRun: dryRun, outcome: .unchanged)
        if let secret = found.authority {
            report.subject = try CertificateAuthority(secret).certificate.subject
        } else if dryRun {
            report.outcome = .pending
        } else {
            let made = try NewAuthority.make(for: model.name, on: machine)
            let text = SecretsFile.add(try made.secret(), to: try machine.files.text(secrets) ?? "")
            _ = try SecretsFile.parse(Array(text.utf8), file: secrets)
            let owner = try machine.files.attributes(secrets)?.owner ?? .root
            _ = try machine.files.write(Array(text.utf8), to: secrets, owner: owner, mode: 0o600)
            report.subject = made.certificate.subject
            report.outcome = .updated
            Output.comment("copy \(secrets) to each other host (mode 600), then run \"pgha-node install\" on each")
        }
        try output.render(report, table: CertificateText.text)
    }
}
