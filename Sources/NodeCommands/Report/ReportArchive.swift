import ClusterModel
import Decisions
import Foundation
import HostOperations
import HostPorts
import NodeInstaller

/// Packs a support bundle, readable by its owner alone.
struct ReportArchive {
    private static let work = "/var/tmp"

    let machine: Machine

    func write(_ files: [ReportFile], _ manifest: ReportManifest, to path: String) async throws(NodeFailure) {
        let name = String(URL(fileURLWithPath: path).lastPathComponent.prefix { $0 != "." })
        let suffix = machine.system.randomBytes(8).map { String($0, radix: 16) }.joined()
        let directory = "\(Self.work)/pgha-report-\(suffix)"
        _ = try machine.files.makeDirectory(directory, owner: .root, mode: 0o700)
        defer { _ = try? machine.files.remove(directory) }
        for file in files + [ReportFile("MANIFEST.json", try JSONText.text(of: manifest))] {
            let place = "\(directory)/\(name)/\(file.path)"
            _ = try machine.files.makeDirectory(
                URL(fileURLWithPath: place).deletingLastPathComponent().path, owner: .root, mode: 0o700)
            _ = try machine.files.write(Array(file.text.utf8), to: place, owner: .root, mode: 0o600)
        }
        let packed = "\(directory)/packed.tar.gz"
        _ = try await machine.commands.require(
            Command(
                "/usr/bin/tar", ["--create", "--gzip", "--file", packed, "--directory", directory, name],
                timeLimit: .seconds(300)))
        guard let bytes = try machine.files.read(packed) else {
            throw NodeFailure(.internalError, "tar wrote nothing")
        }
        _ = try machine.files.write(bytes, to: path, owner: .root, mode: 0o600)
    }
}
