/// Who reads what a service writes to its standard output.
package enum LogTarget: Sendable {
    /// journald takes the number in `<6>` before a line for its priority (systemd.exec(5), "SyslogLevelPrefix=").
    case journal
    /// Nobody who understands that, e.g. Docker.
    case plain

    func prefix(_ priority: Int) -> String { self == .journal ? "<\(priority)>" : "" }
}
