/// What a ZooKeeper server answers to the four-letter word `srvr` (ZooKeeper administrator's guide, "The Four Letter Words").
package enum ZooKeeperAnswer {
    /// `leader`, `follower` or `standalone`; nil if the answer has no mode, as from a server without a quorum.
    package static func mode(_ answer: String?) -> String? {
        for line in (answer ?? "").split(separator: "\n") where line.hasPrefix("Mode: ") {
            return String(line.dropFirst("Mode: ".count))
        }
        return nil
    }

    /// Whether it is the answer of a server that is up and has no quorum.
    package static func isWithoutQuorum(_ answer: String?) -> Bool {
        answer?.contains("not currently serving requests") == true
    }
}
