import ClusterModel
import Decisions
import Foundation
import HostPorts
import NodeInstaller

/// Keeps the files that an apply replaces, so that a person can go back.
struct PreviousVersions: Sendable {
    let machine: Machine

    /// The directory, or nil if nothing is replaced. All are there before the first one is replaced, so what a killed run
    /// leaves incomplete is of a run that has replaced nothing.
    func keep(_ changes: [FileChange]) throws(NodeFailure) -> String? {
        let replaced = changes.filter { $0.before != nil }
        guard !replaced.isEmpty else { return nil }
        _ = try machine.files.makeDirectory(ReceiptStore.versions, owner: .root, mode: 0o700)
        let directory = try unusedDirectory()
        for change in replaced {
            guard let attributes = try machine.files.attributes(change.path),
                let contents = try machine.files.read(change.path)
            else { continue }
            let path = directory + change.path
            let parent = path.split(separator: "/").dropLast().joined(separator: "/")
            _ = try machine.files.makeDirectory("/\(parent)", owner: .root, mode: 0o700)
            _ = try machine.files.write(contents, to: path, owner: attributes.owner, mode: attributes.mode)
        }
        return directory
    }

    private func unusedDirectory() throws(NodeFailure) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
        let base =
            "\(ReceiptStore.versions)/"
            + formatter.string(from: Date(timeIntervalSince1970: machine.system.now()))
        var directory = base
        var number = 2
        while try machine.files.exists(directory) {
            directory = "\(base)-\(number)"
            number += 1
        }
        return directory
    }
}
