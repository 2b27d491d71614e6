import CSystemd
import ClusterModel
import HostPorts

extension SystemdManager: UnitInspector {
    package func details(of unit: UnitName) async throws(NodeFailure) -> UnitDetails {
        try await onBus { bus throws(NodeFailure) in try bus.details(of: unit) }
    }
}

extension BusConnection {
    func details(of unit: UnitName) throws(NodeFailure) -> UnitDetails {
        let path = try call(
            BusMethod("LoadUnit"), to: "look up \"\(unit)\"",
            arguments: { message throws(NodeFailure) in try BusMessage.append(unit.text, to: message) },
            read: { reply throws(NodeFailure) in try BusMessage.text("o", from: reply) })
        let general = "org.freedesktop.systemd1.Unit"
        let service = "org.freedesktop.systemd1.Service"
        var details = UnitDetails()
        details.description = try text("Description", path, general)
        details.load = try text("LoadState", path, general)
        details.active = try text("ActiveState", path, general)
        details.sub = try text("SubState", path, general)
        details.freezer = try text("FreezerState", path, general)
        details.fileState = try text("UnitFileState", path, general)
        details.unitFile = try text("FragmentPath", path, general)
        details.dropIns = try texts("DropInPaths", path, general)
        details.needsReload = try flag("NeedDaemonReload", path, general)
        details.result = try text("Result", path, service)
        details.user = try text("User", path, service)
        details.controlGroup = try text("ControlGroup", path, service)
        details.mainPID = try number32("MainPID", path, service)
        details.restarts = try number32("NRestarts", path, service)
        details.mainStarted = try number64("ExecMainStartTimestamp", path, service) ?? 0
        details.memory = try number64("MemoryCurrent", path, service)
        details.cpuNanoseconds = try number64("CPUUsageNSec", path, service)
        details.tasks = try number64("TasksCurrent", path, service)
        return details
    }

    private func text(_ name: String, _ path: String, _ interface: String) throws(NodeFailure) -> String {
        try property(name, of: path, interface) { message throws(NodeFailure) in
            try BusMessage.text("s", from: message)
        }
    }

    private func flag(_ name: String, _ path: String, _ interface: String) throws(NodeFailure) -> Bool {
        try property(name, of: path, interface, signature: "b") { message throws(NodeFailure) in
            try BusMessage.boolean(from: message)
        }
    }

    private func number32(_ name: String, _ path: String, _ interface: String) throws(NodeFailure) -> UInt32 {
        try property(name, of: path, interface, signature: "u") { message throws(NodeFailure) in
            try BusMessage.unsigned32(from: message)
        }
    }

    /// nil for the greatest number, which is systemd's "not counted" (org.freedesktop.systemd1(5)).
    private func number64(_ name: String, _ path: String, _ interface: String) throws(NodeFailure) -> UInt64? {
        let number = try property(name, of: path, interface, signature: "t") { message throws(NodeFailure) in
            try BusMessage.unsigned64(from: message)
        }
        return number == .max ? nil : number
    }

    private func texts(_ name: String, _ path: String, _ interface: String) throws(NodeFailure) -> [String] {
        try property(name, of: path, interface, signature: "as") { message throws(NodeFailure) in
            _ = try BusMessage.enter("a", "s", of: message)
            return try BusMessage.remainingTexts(from: message)
        }
    }
}

extension BusMessage {
    static func boolean(from message: OpaquePointer) throws(NodeFailure) -> Bool {
        var value: Int32 = 0
        try check(sd_bus_message_read_basic(message, CChar(UInt8(ascii: "b")), &value))
        return value != 0
    }

    /// Strings up to the end of the array.
    static func remainingTexts(from message: OpaquePointer) throws(NodeFailure) -> [String] {
        var texts: [String] = []
        while true {
            var pointer: UnsafePointer<CChar>?
            let result = sd_bus_message_read_basic(message, CChar(UInt8(ascii: "s")), &pointer)
            try check(result)
            guard result > 0, let pointer else { return texts }
            texts.append(String(cString: pointer))
        }
    }
}
