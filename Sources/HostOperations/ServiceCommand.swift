import ClusterModel
import Decisions
import HostPorts

/// A command in the surroundings of a service: `docker exec`, for a unit.
package struct ServiceCommand: Sendable {
    private let machine: Machine

    package init(machine: Machine) {
        self.machine = machine
    }

    /// Does not return if the command could be run.
    package func replace(
        with command: [String], in placed: PlacedService, terminal: String?
    ) async throws(NodeFailure) -> ReplacementRefusal {
        let state = try await machine.services.state(of: placed.unit)
        if state.isFrozen {
            throw NodeFailure(
                .serviceFailed, "\"\(placed.unit)\" is frozen",
                detail: "A command that needs an answer of it would wait for ever.",
                hint: "Thaw it with \"pgha-node thaw\" first.")
        }
        guard state.isActive, state.mainPID != 0 else {
            throw NodeFailure(
                .serviceFailed, "\"\(placed.unit)\" is not running",
                detail: "Its state is \"\(StatusReader.text(of: state))\".",
                hint: "Start it with \"pgha-node start\".")
        }
        let process = "/proc/\(state.mainPID)"
        guard let environ = try machine.files.read("\(process)/environ"),
            let identity = ServiceEnvironment.identity(try machine.files.text("\(process)/status") ?? "")
        else {
            throw NodeFailure(
                .serviceFailed, "\"\(placed.unit)\" is not running", detail: "Its main process ended a moment ago.")
        }
        var program = ReplacementProgram(
            command: command, environment: ServiceEnvironment.variables(environ, terminal: terminal))
        program.account = .numbers(user: identity.user, group: identity.group, groups: identity.groups)
        program.mountNamespaceOf = state.mainPID
        program.directory = "/"
        program.fileCreationMask = identity.fileCreationMask
        program.forbidsNewPrivileges = identity.forbidsNewPrivileges
        return try machine.observation.replacement.replace(with: program)
    }
}
