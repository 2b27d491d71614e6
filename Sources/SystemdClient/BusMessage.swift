import CSystemd
import ClusterModel
import Glibc

/// Reads and appends the few D-Bus types that systemd's manager uses; the type letters are D-Bus's.
enum BusMessage {
    static func failure(
        _ result: Int32, _ doing: String, name: String? = nil, detail: String? = nil
    ) -> NodeFailure {
        let said = detail ?? BusConnection.text(ofError: result)
        switch name {
        case "org.freedesktop.systemd1.NoSuchUnit":
            return NodeFailure(.notFound, "could not \(doing): no such unit", detail: said)
        case "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", "org.freedesktop.DBus.Error.AccessDenied":
            return NodeFailure(
                .notPermitted, "could not \(doing): permission denied", detail: said, hint: "Run it as root.")
        case "org.freedesktop.systemd1.UnitMasked":
            return NodeFailure(.serviceFailed, "could not \(doing): the unit is masked", detail: said)
        case "org.freedesktop.DBus.Error.NotSupported":
            // The freezer is of cgroup v2 only (systemctl(1), "freeze"); ours are services, which can be frozen.
            return NodeFailure(
                .serviceFailed, "could not \(doing): this host has no freezer", detail: said,
                hint: "It needs control groups version 2 alone: boot with systemd.unified_cgroup_hierarchy=1.")
        case "org.freedesktop.systemd1.UnitExists":
            return NodeFailure(.conflict, "could not \(doing): it exists already", detail: said)
        case "org.freedesktop.systemd1.UnitInactive", "org.freedesktop.systemd1.UnitBusy":
            return NodeFailure(.serviceFailed, "could not \(doing)", detail: said)
        case let name? where name.hasPrefix("org.freedesktop.systemd1."):
            // systemd heard it and says no: a faulty unit file, jobs that exclude each other (org.freedesktop.systemd1(5)).
            return NodeFailure(.serviceFailed, "could not \(doing): systemd refuses", detail: said)
        default:
            return NodeFailure(.unreachable, "could not \(doing): \(said)")
        }
    }

    static func append(_ text: String, to message: OpaquePointer) throws(NodeFailure) {
        try check(sd_bus_message_append_basic(message, letter("s"), text))
    }

    static func append(_ flag: Bool, to message: OpaquePointer) throws(NodeFailure) {
        var value: Int32 = flag ? 1 : 0
        try check(sd_bus_message_append_basic(message, letter("b"), &value))
    }

    static func append(_ number: Int32, to message: OpaquePointer) throws(NodeFailure) {
        var value = number
        try check(sd_bus_message_append_basic(message, letter("i"), &value))
    }

    static func append(_ number: UInt64, to message: OpaquePointer) throws(NodeFailure) {
        var value = number
        try check(sd_bus_message_append_basic(message, letter("t"), &value))
    }

    /// A container of that type and contents, filled by `fill`.
    static func append(
        _ type: Character, _ contents: String, to message: OpaquePointer,
        fill: (OpaquePointer) throws(NodeFailure) -> Void
    ) throws(NodeFailure) {
        try check(sd_bus_message_open_container(message, letter(type), contents))
        try fill(message)
        try check(sd_bus_message_close_container(message))
    }

    static func append(_ texts: [String], to message: OpaquePointer) throws(NodeFailure) {
        try check(sd_bus_message_open_container(message, letter("a"), "s"))
        for text in texts { try append(text, to: message) }
        try check(sd_bus_message_close_container(message))
    }

    /// A string, object path or signature.
    static func text(_ type: Character, from message: OpaquePointer) throws(NodeFailure) -> String {
        var pointer: UnsafePointer<CChar>?
        try check(sd_bus_message_read_basic(message, letter(type), &pointer))
        guard let pointer else { return "" }
        return String(cString: pointer)
    }

    static func flag(from message: OpaquePointer) throws(NodeFailure) -> Bool {
        var value: Int32 = 0
        try check(sd_bus_message_read_basic(message, letter("b"), &value))
        return value != 0
    }

    static func unsigned32(from message: OpaquePointer) throws(NodeFailure) -> UInt32 {
        var value: UInt32 = 0
        try check(sd_bus_message_read_basic(message, letter("u"), &value))
        return value
    }

    static func unsigned64(from message: OpaquePointer) throws(NodeFailure) -> UInt64 {
        var value: UInt64 = 0
        try check(sd_bus_message_read_basic(message, letter("t"), &value))
        return value
    }

    /// Enters a container; false at the end of the enclosing array.
    static func enter(
        _ type: Character, _ contents: String, of message: OpaquePointer
    ) throws(NodeFailure) -> Bool {
        let result = sd_bus_message_enter_container(message, letter(type), contents)
        try check(result)
        return result > 0
    }

    static func leave(_ message: OpaquePointer) throws(NodeFailure) {
        try check(sd_bus_message_exit_container(message))
    }

    static func skip(_ types: String, of message: OpaquePointer) throws(NodeFailure) {
        try check(sd_bus_message_skip(message, types))
    }

    static func check(_ result: Int32) throws(NodeFailure) {
        guard result < 0 else { return }
        throw NodeFailure(
            .internalError, "could not build or read a message of systemd: \(BusConnection.text(ofError: result))")
    }

    private static func letter(_ type: Character) -> CChar {
        CChar(type.asciiValue ?? 0)
    }
}
