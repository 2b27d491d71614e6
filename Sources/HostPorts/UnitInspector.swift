import ClusterModel

/// Everything that systemd tells of a service unit (org.freedesktop.systemd1(5)); the words are systemd's own.
package struct UnitDetails: Equatable, Sendable {
    package var description = ""
    package var load = "not-found"
    package var active = "inactive"
    package var sub = "dead"
    package var freezer = ""
    package var fileState = ""
    package var result = ""
    /// Whether a unit file changed since systemd read it.
    package var needsReload = false
    package var unitFile = ""
    package var dropIns: [String] = []
    /// 0 if there is none.
    package var mainPID: UInt32 = 0
    /// Microseconds since 1970; 0 if it never started.
    package var mainStarted: UInt64 = 0
    package var restarts: UInt32 = 0
    package var controlGroup = ""
    package var user = ""
    /// In bytes; nil where systemd does not count it.
    package var memory: UInt64?
    package var cpuNanoseconds: UInt64?
    package var tasks: UInt64?

    package init() {}

    package var isFrozen: Bool { !freezer.isEmpty && freezer != "running" }
}

package protocol UnitInspector: Sendable {
    func details(of unit: UnitName) async throws(NodeFailure) -> UnitDetails
}
