/// A file as it shall stand on the host.
package struct RenderedFile: Equatable, Sendable {
    /// Absolute.
    package var path: String
    package var contents: String
    /// User and group by name, e.g. `postgres`.
    package var owner: String
    package var group: String
    package var mode: UInt16

    package init(path: String, contents: String, owner: String = "root", group: String = "root", mode: UInt16 = 0o644) {
        self.path = path
        self.contents = contents
        self.owner = owner
        self.group = group
        self.mode = mode
    }
}
