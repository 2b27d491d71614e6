import HostFakes

/// Everything of a fake host that lasts: files with owners, modes and contents, packages, users, units.
struct HostSnapshot: Equatable {
    private let lines: Set<String>

    init(of fake: FakeMachine, _ debian: FakeDebian) {
        let texts = fake.files.texts.map { "text of \($0.key): \($0.value)" }
        let units = fake.services.units.map { "unit \($0)" }
        lines = Set(fake.files.tree + texts + units + debian.statuses.map { "package \($0)" })
    }

    /// What is here and not there with `+`, what is there and not here with `-`; empty if they are the same.
    func changes(since earlier: HostSnapshot) -> [String] {
        lines.subtracting(earlier.lines).map { "+ \($0)" }.sorted()
            + earlier.lines.subtracting(lines).map { "- \($0)" }.sorted()
    }
}
