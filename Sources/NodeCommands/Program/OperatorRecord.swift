import ArgumentParser
import ClusterModel
import Glibc
import HostPorts
import NodeAgent

/// A verb that changes something. Who ran it stands in the journal, since nothing else there tells: systemd does not say who asked
/// it for something.
protocol LeavesRecord: ParsableCommand {
    /// As it is typed, but for a verb's other name.
    var recordedVerb: String { get }
    /// What it is done to, e.g. `pg1`.
    var recordedTarget: String { get }
    /// Whether it only says what it would do.
    var changesNothing: Bool { get }
}

extension LeavesRecord {
    var recordedVerb: String {
        Self.configuration.commandName ?? String(describing: Self.self).lowercased()
    }
    var recordedTarget: String { "" }
    var changesNothing: Bool { false }
}

enum OperatorRecord {
    static func write(of command: any ParsableCommand) {
        guard let record = command as? any LeavesRecord, !record.changesNothing, getuid() == 0 else { return }
        write(record.recordedVerb, target: record.recordedTarget)
    }

    static func write(_ verb: String, target: String) {
        AgentEvent.operatorVerb(verb, target: target, user: person).send()
    }

    /// Who logged in, whoever they are now (sudo(8), "SUDO_USER"; getlogin(3) for su).
    static var person: String {
        for name in ["SUDO_USER", "DOAS_USER"] {
            if let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty { return value }
        }
        return getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? String(getuid())
    }
}

/// A verb whose names and `--dry-run` are those of the services.
protocol LeavesServiceRecord: LeavesRecord {
    var options: ServiceVerbOptions { get }
}

extension LeavesServiceRecord {
    var recordedTarget: String { options.all ? "--all" : options.names.joined(separator: " ") }
    var changesNothing: Bool { options.dryRun }
}

extension Start: LeavesServiceRecord {}
extension Stop: LeavesServiceRecord {}
extension Restart: LeavesServiceRecord {}
extension Freeze: LeavesServiceRecord {}
extension Thaw: LeavesServiceRecord {}
extension Switchover: LeavesRecord {
    var recordedTarget: String { to?.text ?? "" }
    var changesNothing: Bool { options.dryRun }
}
extension Pause: LeavesRecord {
    var recordedVerb: String { freeze.recordedVerb }
    var recordedTarget: String { freeze.recordedTarget }
    var changesNothing: Bool { freeze.changesNothing }
}
extension Unpause: LeavesRecord {
    var recordedVerb: String { thaw.recordedVerb }
    var recordedTarget: String { thaw.recordedTarget }
    var changesNothing: Bool { thaw.changesNothing }
}
extension Failover: LeavesRecord {
    var recordedTarget: String { to.text }
    var changesNothing: Bool { options.dryRun }
}
extension Reinit: LeavesRecord {
    var recordedTarget: String { member.text }
    var changesNothing: Bool { dryRun }
}
extension Apply: LeavesRecord { var changesNothing: Bool { dryRun } }
extension Down: LeavesRecord { var changesNothing: Bool { dryRun } }
extension Up: LeavesRecord { var changesNothing: Bool { dryRun } }
extension Install: LeavesRecord {
    var recordedTarget: String { roles.map(\.text).joined(separator: " ") }
    var changesNothing: Bool { dryRun }
}
extension Uninstall: LeavesRecord {}
extension MaintenanceMode: LeavesRecord {
    var recordedTarget: String { mode.rawValue }
    var changesNothing: Bool { dryRun || mode == .status }
}
