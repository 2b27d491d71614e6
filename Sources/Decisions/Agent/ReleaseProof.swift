import ClusterModel

/// What the release of a leader key leaves behind, so that others can tell it from a key whose session has ended.
///
/// A member whose session has ended may lead on: in failsafe mode, when it cannot reach ZooKeeper but all members. One whose
/// key was released is dead, because nothing else releases it (`ReleaseRules`).
package enum ReleaseProof {
    private static let word = "released"

    /// Written into the node of marks by the transaction that deletes the key. The next mark overwrites it.
    package static func text(of member: RoleName) -> String { "\(word) \(member)" }

    /// Whose key was released, if no key has been there since; nil if that is not proved.
    ///
    /// All changes of a transaction have its number. So where the last change of the marks and the last child that came or went
    /// beside the leader key have the same one, that was the release, and no other leader has had a key after it, marked or not.
    /// A child of another name that came or went later hides the proof, which is the safe side.
    ///
    /// `marksModified` is the transaction of the last change of the marks (`mzxid`); `childrenChanged` the one that last created or
    /// deleted a child of the cluster's node (`pzxid`), read after the marks.
    package static func member(marks: String, marksModified: Int64, childrenChanged: Int64) -> RoleName? {
        let words = marks.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, words[0] == word, marksModified == childrenChanged else { return nil }
        return RoleName(String(words[1]))
    }
}
