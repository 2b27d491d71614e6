import ClusterModel
import Glibc

/// Asks a person before something is lost.
enum Confirmation {
    /// Returns when "yes" was typed. Throws `.usage` for another answer, and where there is nobody to ask.
    static func ask(_ what: String, without flag: String) throws(NodeFailure) {
        guard isatty(STDIN_FILENO) == 1 else {
            throw NodeFailure(
                .usage, "this has to be confirmed, and there is no terminal to ask on", detail: what,
                hint: "Add \"\(flag)\" if that is what you want.")
        }
        Output.comment("\(what) Type \"yes\" to go on:")
        guard readLine() == "yes" else {
            throw NodeFailure(.usage, "not confirmed; nothing was changed")
        }
    }
}
