import CSystemd
import ClusterModel
import Glibc

/// A private connection to the system bus, owned by one value and used by one thread at a time (sd-bus(3)).
struct BusConnection: ~Copyable {
    let handle: OpaquePointer

    init() throws(NodeFailure) {
        var opened: OpaquePointer?
        let result = sd_bus_open_system(&opened)
        guard result >= 0, let opened else {
            throw NodeFailure(
                .unreachable,
                "could not connect to the system bus: \(Self.text(ofError: result))",
                hint: "Run this as root on a host where systemd is PID 1 and dbus is installed."
            )
        }
        handle = opened
    }

    deinit {
        sd_bus_flush_close_unref(handle)
    }

    static func text(ofError result: Int32) -> String {
        String(cString: strerror(result < 0 ? -result : result))
    }

    /// Calls a method and hands its reply to `read`; `doing` says in plain words what was tried, e.g. `start "pgha.target"`.
    func call<Answer>(
        _ method: BusMethod,
        to doing: String,
        timeout: Duration = .seconds(25),
        arguments: (OpaquePointer) throws(NodeFailure) -> Void = { _ throws(NodeFailure) in },
        read: (OpaquePointer) throws(NodeFailure) -> Answer
    ) throws(NodeFailure) -> Answer {
        var message: OpaquePointer?
        let made = sd_bus_message_new_method_call(
            handle, &message, BusMethod.systemd, method.path, method.interface, method.name)
        guard made >= 0, let message else { throw BusMessage.failure(made, doing) }
        defer { sd_bus_message_unref(message) }
        try arguments(message)

        var error = sd_bus_error()
        defer { sd_bus_error_free(&error) }
        var reply: OpaquePointer?
        let called = sd_bus_call(handle, message, timeout.microseconds, &error, &reply)
        guard called >= 0, let reply else {
            throw BusMessage.failure(
                called, doing,
                name: error.name.map { String(cString: $0) },
                detail: error.message.map { String(cString: $0) })
        }
        defer { sd_bus_message_unref(reply) }
        return try read(reply)
    }
}

/// A method of systemd's bus interface (org.freedesktop.systemd1(5)).
struct BusMethod {
    static let systemd = "org.freedesktop.systemd1"

    var path = "/org/freedesktop/systemd1"
    var interface = "org.freedesktop.systemd1.Manager"
    var name: String

    init(_ name: String) {
        self.name = name
    }

    init(_ name: String, interface: String, path: String) {
        self.name = name
        self.interface = interface
        self.path = path
    }
}

extension Duration {
    /// Whole microseconds; at least 1.
    var microseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(1, seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
    }
}
