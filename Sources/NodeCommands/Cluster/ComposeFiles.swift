import ClusterModel
import ConfigFiles
import Decisions
import NodeInstaller

/// The compose project's directory `config`: the roles' files, and in `image` what the Containerfile installs.
enum ComposeFiles {
    static func all(of cluster: Cluster, secrets: Secrets) -> [RenderedFile] {
        let packages = ComponentPackages.all(postgresVersion: cluster.postgres.version).joined(separator: "\n") + "\n"
        return ComposeConfig.files(of: cluster, secrets: secrets) + [
            RenderedFile(path: "image/packages.txt", contents: packages),
            RenderedFile(path: "image/build.txt", contents: PatroniPin.buildRequirements),
            RenderedFile(path: "image/requirements.txt", contents: PatroniPin.requirements),
        ]
    }
}
