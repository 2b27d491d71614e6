import HostFakes

/// Everything of a fake host that lasts: files with owners, modes and contents, packages, users, units.
struct HostSnapshot: Equatable {
    private let lines: Set<String>

    init(of fake: FakeMachine, _ debian: FakeDebian) {
        // A certificate and its key are new ones each time they are made; whether they are good, others ask.
        let texts = fake.files.texts.map { path, text in
            path.hasPrefix("/etc/pgha/tls/agent.") ? "text of \(path)" : "text of \(path): \(text)"
        }
        let units = fake.services.units.map { "unit \($0)" }
        lines = Set(fake.files.tree + texts + units + debian.statuses.map { "package \($0)" })
    }

    /// What is here and not there with `+`, what is there and not here with `-`; empty if they are the same.
    func changes(since earlier: HostSnapshot) -> [String] {
        lines.subtracting(earlier.lines).map { "+ \($0)" }.sorted()
            + earlier.lines.subtracting(lines).map { "- \($0)" }.sorted()
    }
}
