/// Facts of the kernel and the machine that no other port tells.
package protocol SystemProbe: Sendable {
    /// Effective user id.
    var userID: UInt32 { get }
    /// As uname(2) has it, e.g. `x86_64`.
    var architecture: String { get }
    var hostName: String { get }
    /// The file of this program, e.g. `/usr/local/bin/pgha-node`.
    var programPath: String { get }
    /// Paths of what a process has open, as far as we may see them; empty if it is gone (proc_pid_fd(5)).
    func openFiles(of process: Int32) -> [String]
    /// Seconds since 1970.
    func now() -> Double
    /// Whether the kernel's clock is kept by a time service (adjtimex(2)); the offset is the kernel's estimate.
    func clockSynchronisation() -> ClockSynchronisation
    /// Random bytes of the kernel, for secrets.
    func randomBytes(_ count: Int) -> [UInt8]
}

package struct ClockSynchronisation: Equatable, Sendable {
    package var isSynchronised: Bool
    package var estimatedError: Duration

    package init(isSynchronised: Bool, estimatedError: Duration) {
        self.isSynchronised = isSynchronised
        self.estimatedError = estimatedError
    }
}
