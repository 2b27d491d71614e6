import ClusterModel

extension Cluster {
    /// What is said of a name that is none of its members': the nearest one, and all of them.
    package func unknownMember(_ role: RoleName) -> NodeFailure {
        let names = placements(of: .patroni).map(\.role.text)
        let nearest = Spelling.nearest(to: role.text, of: names).map { "Did you mean \"\($0)\"? " } ?? ""
        return NodeFailure(
            .notFound, "there is no member \"\(role)\" in the cluster \"\(name)\"",
            hint: "\(nearest)Its members are \(names.joined(separator: ", ")).")
    }
}
