import CSystemd
import ClusterModel
import HostPorts

extension BusConnection {
    /// Makes a timer and the service it starts, which systemd forgets when they have run (org.freedesktop.systemd1(5),
    /// "StartTransientUnit").
    func startTimer(_ timer: TransientTimer) throws(NodeFailure) {
        try call(
            BusMethod("StartTransientUnit"), to: "set the timer \"\(timer.name)\"",
            arguments: { message throws(NodeFailure) in
                try BusMessage.append("\(timer.name).timer", to: message)
                try BusMessage.append("fail", to: message)
                try Self.append(Self.timerProperties(of: timer), to: message)
                try BusMessage.append("a", "(sa(sv))", to: message) { message throws(NodeFailure) in
                    try BusMessage.append("r", "sa(sv)", to: message) { message throws(NodeFailure) in
                        try BusMessage.append("\(timer.name).service", to: message)
                        try Self.append(Self.serviceProperties(of: timer), to: message)
                    }
                }
            }, read: { _ throws(NodeFailure) in })
    }

    /// No error where the unit is not there, or goes by itself.
    func stopTimer(_ name: String) throws(NodeFailure) {
        do throws(NodeFailure) {
            try runJob("StopUnit", "stop", UnitName("\(name).timer"), within: .seconds(10)) { false }
        } catch  where error.code == .notFound {
            return
        }
    }

    private struct Property {
        var name: String
        /// D-Bus's letters for the type of its value.
        var type: String
        var append: (OpaquePointer) throws(NodeFailure) -> Void
    }

    private static func append(_ properties: [Property], to message: OpaquePointer) throws(NodeFailure) {
        try BusMessage.append("a", "(sv)", to: message) { message throws(NodeFailure) in
            for property in properties {
                try BusMessage.append("r", "sv", to: message) { message throws(NodeFailure) in
                    try BusMessage.append(property.name, to: message)
                    try BusMessage.append("v", property.type, to: message, fill: property.append)
                }
            }
        }
    }

    private static func timerProperties(of timer: TransientTimer) -> [Property] {
        [
            text("Description", timer.description),
            // The default accuracy is a minute (systemd.timer(5), AccuracySec=).
            number("AccuracyUSec", 100_000),
            Property(name: "TimersMonotonic", type: "a(st)") { message throws(NodeFailure) in
                try BusMessage.append("a", "(st)", to: message) { message throws(NodeFailure) in
                    try BusMessage.append("r", "st", to: message) { message throws(NodeFailure) in
                        try BusMessage.append("OnActiveSec", to: message)
                        try BusMessage.append(timer.after.microseconds, to: message)
                    }
                }
            },
            flag("RemainAfterElapse", false),
        ]
    }

    private static func serviceProperties(of timer: TransientTimer) -> [Property] {
        [
            text("Description", timer.description),
            text("Type", "oneshot"),
            // One that failed stays to be seen in "systemctl --failed", until a timer of the same name wants its place.
            Property(name: "ExecStart", type: "a(sasb)") { message throws(NodeFailure) in
                try BusMessage.append("a", "(sasb)", to: message) { message throws(NodeFailure) in
                    try BusMessage.append("r", "sasb", to: message) { message throws(NodeFailure) in
                        try BusMessage.append(timer.command.first ?? "", to: message)
                        try BusMessage.append(timer.command, to: message)
                        try BusMessage.append(false, to: message)
                    }
                }
            },
        ]
    }

    private static func text(_ name: String, _ value: String) -> Property {
        Property(name: name, type: "s") { message throws(NodeFailure) in try BusMessage.append(value, to: message) }
    }

    private static func number(_ name: String, _ value: UInt64) -> Property {
        Property(name: name, type: "t") { message throws(NodeFailure) in try BusMessage.append(value, to: message) }
    }

    private static func flag(_ name: String, _ value: Bool) -> Property {
        Property(name: name, type: "b") { message throws(NodeFailure) in try BusMessage.append(value, to: message) }
    }
}
