import ClusterModel
import Crypto
import Foundation
import HostPorts

/// A directory with everything an installation needs and no network: packages with their dependencies, wheels, checksums.
package struct Bundle: Sendable {
    package struct Manifest: Codable, Equatable, Sendable {
        package struct Entry: Codable, Equatable, Sendable {
            /// Relative to the bundle.
            package var file: String
            package var sha256: String
            package var size: Int64
        }

        package var format = 1
        /// As `ID` and `VERSION_ID` of os-release(5), e.g. `debian 12`.
        package var distribution: String
        package var architecture: String
        /// The packages that were asked for, without their dependencies.
        package var packages: [String]
        package var patroni: String
        package var files: [Entry]
    }

    package static let manifestName = "manifest.json"

    package let directory: String
    package let manifest: Manifest

    package var packageDirectory: String { "\(directory)/packages" }
    package var wheelDirectory: String { "\(directory)/wheels" }

    /// Reads the manifest; no file is checked yet.
    package static func open(_ directory: String, files: any FileStore) throws(NodeFailure) -> Bundle {
        guard directory.hasPrefix("/") else {
            throw NodeFailure(.usage, "the bundle must be named by an absolute path, not \"\(directory)\"")
        }
        // A line of sources.list(5) has no reliable way to write one.
        guard !directory.contains(where: \.isWhitespace) else {
            throw NodeFailure(
                .usage, "the bundle's path must not contain spaces: \"\(directory)\"",
                hint: "Make a link to it in /tmp and name that.")
        }
        guard let bytes = try files.read("\(directory)/\(manifestName)") else {
            throw NodeFailure(
                .bundleRefused, "\"\(directory)\" is not a bundle",
                detail: "It has no file \"\(manifestName)\".",
                hint: "Make one with \"pgha-node bundle DIR\" on a connected machine and copy the whole directory.")
        }
        guard let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(bytes)), manifest.format == 1 else {
            throw NodeFailure(
                .bundleRefused, "\"\(directory)/\(manifestName)\" is damaged or of another version of pgha-node",
                hint: "Make the bundle again with this version of pgha-node.")
        }
        return Bundle(directory: directory, manifest: manifest)
    }

    /// Checks every file of the bundle against its checksum, and that it fits this host and what is wanted.
    package func verify(
        distribution: String, architecture: String, wanted: [String], patroni: String?, files: any FileStore
    ) throws(NodeFailure) {
        guard manifest.distribution == distribution, manifest.architecture == architecture else {
            throw NodeFailure(
                .bundleRefused,
                "the bundle is for \(manifest.distribution) on \(manifest.architecture), "
                    + "this host is \(distribution) on \(architecture)",
                hint: "Make the bundle on a machine of the same distribution and architecture.")
        }
        let lacking = wanted.filter { !manifest.packages.contains($0) }
        guard lacking.isEmpty else {
            throw NodeFailure(
                .bundleRefused, "the bundle lacks \(lacking.joined(separator: ", "))",
                hint: "Make the bundle again, with the same cluster.yml.")
        }
        if let patroni, patroni != manifest.patroni {
            throw NodeFailure(
                .bundleRefused, "the bundle has Patroni \(manifest.patroni), this pgha-node installs \(patroni)",
                hint: "Make the bundle again with this version of pgha-node.")
        }
        for entry in manifest.files { try verify(entry, files) }
    }

    private func verify(_ entry: Manifest.Entry, _ files: any FileStore) throws(NodeFailure) {
        guard !entry.file.split(separator: "/").contains(".."), !entry.file.hasPrefix("/") else {
            throw NodeFailure(.bundleRefused, "the bundle names a file outside itself: \"\(entry.file)\"")
        }
        let path = "\(directory)/\(entry.file)"
        guard try files.attributes(path)?.kind != .directory, let contents = try files.read(path) else {
            throw NodeFailure(
                .bundleRefused, "the bundle is incomplete: \"\(entry.file)\" is missing", hint: "Copy the bundle again."
            )
        }
        guard Checksum.sha256(contents) == entry.sha256 else {
            throw NodeFailure(
                .bundleRefused, "the bundle is damaged: \"\(entry.file)\" does not match its checksum",
                hint: "Copy the bundle again.")
        }
    }
}

package enum Checksum {
    /// In lower-case hexadecimal.
    package static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
