import ClusterModel
import ConfigFiles
import Decisions
import HostPorts
import NodeInstaller

/// What of the rendered files is on the host, and what differs.
struct HostFiles: Sendable {
    let machine: Machine
    let receipt: Receipt

    /// Rendered files of ours that `down` removes: units and configuration, no data and nothing that packages need.
    static func isRendered(_ path: String) -> Bool {
        path.hasPrefix("/etc/systemd/system/pgha")
            || path.hasPrefix("/etc/pgha/") && !path.hasPrefix(AgentCertificate.directory)
    }

    func changes(to files: [RenderedFile]) throws(NodeFailure) -> [FileChange] {
        var changes: [FileChange] = []
        for file in files {
            guard let attributes = try machine.files.attributes(file.path) else {
                changes.append(FileChange(path: file.path, before: nil, after: file.contents))
                continue
            }
            let text = try machine.files.text(file.path) ?? ""
            let owner = Self.text(attributes.owner.user, attributes.owner.group, attributes.mode)
            let wanted = Self.text(file.owner, file.group, file.mode)
            guard text != file.contents || owner != wanted else { continue }
            changes.append(
                FileChange(
                    path: file.path, before: text, after: file.contents,
                    attributes: owner == wanted ? nil : (owner, wanted),
                    isChangedByHand: text != file.contents && Self.isChangedByHand(text, insteadOf: file)))
        }
        let wanted = Set(files.map(\.path))
        for path in receipt.files where Self.isRendered(path) && !wanted.contains(path) {
            guard let text = try machine.files.text(path) else { continue }
            changes.append(
                FileChange(
                    path: path, before: text, after: nil, isChangedByHand: ConfigHeader.verify(text) == false))
        }
        return changes
    }

    /// The files as they are; those that are missing as they should be.
    func present(of files: [RenderedFile]) throws(NodeFailure) -> [RenderedFile] {
        try files.map { file throws(NodeFailure) in
            guard let attributes = try machine.files.attributes(file.path), attributes.kind == .file,
                let text = try machine.files.text(file.path)
            else { return file }
            return RenderedFile(
                path: file.path, contents: text, owner: attributes.owner.user, group: attributes.owner.group,
                mode: attributes.mode)
        }
    }

    /// A file that should have our head and has none was replaced as a whole.
    private static func isChangedByHand(_ text: String, insteadOf file: RenderedFile) -> Bool {
        guard ConfigHeader.verify(file.contents) != nil else { return false }
        return ConfigHeader.verify(text) != true
    }

    private static func text(_ user: String, _ group: String, _ mode: UInt16) -> String {
        "\(user):\(group) \(String(mode, radix: 8))"
    }
}
