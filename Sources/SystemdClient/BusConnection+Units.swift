import CSystemd
import ClusterModel
import Glibc
import HostPorts

extension BusConnection {
    /// Reads one property; `read` gets the message inside the variant.
    func property<Value>(
        _ name: String, of path: String, _ interface: String, signature: String = "s",
        read: (OpaquePointer) throws(NodeFailure) -> Value
    ) throws(NodeFailure) -> Value {
        try call(
            BusMethod("Get", interface: "org.freedesktop.DBus.Properties", path: path), to: "read \(name) of systemd",
            arguments: { message throws(NodeFailure) in
                try BusMessage.append(interface, to: message)
                try BusMessage.append(name, to: message)
            },
            read: { reply throws(NodeFailure) in
                _ = try BusMessage.enter("v", signature, of: reply)
                return try read(reply)
            })
    }

    func state(of unit: UnitName) throws(NodeFailure) -> UnitState {
        let path = try call(
            BusMethod("LoadUnit"), to: "look up \"\(unit)\"",
            arguments: { message throws(NodeFailure) in try BusMessage.append(unit.text, to: message) },
            read: { reply throws(NodeFailure) in try BusMessage.text("o", from: reply) })
        let interface = "org.freedesktop.systemd1.Unit"
        func text(_ name: String) throws(NodeFailure) -> String {
            try property(name, of: path, interface) { message throws(NodeFailure) in
                try BusMessage.text("s", from: message)
            }
        }
        var state = UnitState(load: try text("LoadState"), active: try text("ActiveState"), sub: try text("SubState"))
        state.fileState = try text("UnitFileState")
        state.freezer = try text("FreezerState")
        state.canFreeze = try property("CanFreeze", of: path, interface, signature: "b") {
            message throws(NodeFailure) in
            try BusMessage.flag(from: message)
        }
        state.activeSince = try property("ActiveEnterTimestamp", of: path, interface, signature: "t") {
            message throws(NodeFailure) in try BusMessage.unsigned64(from: message)
        }
        guard unit.text.hasSuffix(".service") else { return state }
        let service = "org.freedesktop.systemd1.Service"
        state.result = try property("Result", of: path, service) { message throws(NodeFailure) in
            try BusMessage.text("s", from: message)
        }
        state.controlGroup = try property("ControlGroup", of: path, service) { message throws(NodeFailure) in
            try BusMessage.text("s", from: message)
        }
        if state.isCalledFrozen { state.isFrozenByKernel = Self.isFrozen(group: state.controlGroup) }
        let watchdog = try property("WatchdogUSec", of: path, service, signature: "t") { message throws(NodeFailure) in
            try BusMessage.unsigned64(from: message)
        }
        state.watchdogSeconds = watchdog == .max ? 0 : Int(watchdog / 1_000_000)
        state.mainPID = try property("MainPID", of: path, service, signature: "u") { message throws(NodeFailure) in
            try BusMessage.unsigned32(from: message)
        }
        return state
    }

    /// cgroup.events of cgroup v2 has the line `frozen 1` or `frozen 0`; a group that is gone has no processes to freeze.
    private static func isFrozen(group: String) -> Bool {
        guard !group.isEmpty, let file = fopen("/sys/fs/cgroup\(group)/cgroup.events", "re") else { return false }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        while fgets(&line, Int32(line.count), file) != nil {
            if strncmp(line, "frozen 1", 8) == 0 { return true }
        }
        return false
    }

    func unitFiles(matching patterns: [String]) throws(NodeFailure) -> [UnitFile] {
        try call(
            BusMethod("ListUnitFilesByPatterns"), to: "list unit files",
            arguments: { message throws(NodeFailure) in
                try BusMessage.append([], to: message)
                try BusMessage.append(patterns, to: message)
            },
            read: { reply throws(NodeFailure) in
                var files: [UnitFile] = []
                _ = try BusMessage.enter("a", "(ss)", of: reply)
                while try BusMessage.enter("r", "ss", of: reply) {
                    let path = try BusMessage.text("s", from: reply)
                    let state = try BusMessage.text("s", from: reply)
                    let name = path.split(separator: "/").last.map(String.init) ?? path
                    files.append(UnitFile(unit: UnitName(name), state: state))
                    try BusMessage.leave(reply)
                }
                return files
            })
    }
}
