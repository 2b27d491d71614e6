import Crypto

/// The head of every text file we render: whose it is, and a hash by which a change by hand shows.
///
/// Two comment lines; the hash is of everything after them. Without a head are only the files whose format has no place
/// for one: `myid` and HAProxy's state.
package enum ConfigHeader {
    private static let label = "content-hash: sha256:"

    /// What the reader is told to change instead of the file.
    package enum Origin: Sendable {
        case clusterFile
        case unitTemplate

        var advice: String {
            switch self {
            case .clusterFile: "written by pgha-node from cluster.yml; change that and run pgha-node apply"
            case .unitTemplate: "written by pgha-node; put changes into a drop-in (systemctl edit)"
            }
        }
    }

    /// Puts the head before `body`; `comment` is what begins a comment in that file, e.g. `#`.
    package static func prefixing(
        _ body: String, comment: String = "#", origin: Origin = .clusterFile
    ) -> String {
        "\(comment) \(origin.advice)\n\(comment) \(label)\(hash(of: body))\n\(body)"
    }

    /// Whether the rest of the file is what it was when it was written; nil for a file without our head.
    package static func verify(_ text: String) -> Bool? {
        let lines = text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3, let place = lines[1].firstRange(of: label) else { return nil }
        return lines[1][place.upperBound...] == hash(of: String(lines[2]))
    }

    private static func hash(of body: String) -> String {
        SHA256.hash(data: Array(body.utf8)).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
