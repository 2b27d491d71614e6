import ClusterModel
import Foundation
import Glibc
import HostPorts
import Subprocess
import SystemPackage

/// Child processes through swift-subprocess.
package struct LinuxCommandRunner: CommandRunner {
    /// What a child may say on each of its streams, in bytes; more is an error.
    private static let outputLimit = 16 << 20

    package init() {}

    package func run(_ command: Command) async throws(NodeFailure) -> CommandResult {
        var options = PlatformOptions()
        // apt and dpkg finish what they are at when asked; a kill in the middle is for those that do not.
        options.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(5))]
        if let user = command.user { try Self.become(user, &options) }
        let finalOptions = options
        let outcome = await Self.limited(to: command.timeLimit) {
            await Self.perform(command, finalOptions)
        }
        guard let outcome else {
            throw NodeFailure(.timeout, "\"\(command.executable)\" did not end within \(command.timeLimit)")
        }
        return try outcome.get()
    }

    private static func perform(_ command: Command, _ options: PlatformOptions) async -> Result<
        CommandResult, NodeFailure
    > {
        var environment: [Environment.Key: String] = [:]
        for (name, value) in command.environment.merging(inherited(command.inherited), uniquingKeysWith: { $1 }) {
            if let key = Environment.Key(rawValue: name) { environment[key] = value }
        }
        do {
            let result = try await Subprocess.run(
                .path(FilePath(command.executable)),
                arguments: Arguments(command.arguments),
                environment: .custom(environment),
                workingDirectory: "/",
                platformOptions: options,
                input: .array(command.input),
                output: .bytes(limit: outputLimit),
                error: .bytes(limit: outputLimit)
            )
            return .success(
                CommandResult(
                    status: Self.status(result.terminationStatus),
                    output: String(decoding: result.standardOutput, as: UTF8.self),
                    errors: String(decoding: result.standardError, as: UTF8.self)
                ))
        } catch {
            return .failure(
                NodeFailure(.notFound, "could not run \"\(command.executable)\"", detail: "\(error)"))
        }
    }

    private static func inherited(_ names: [String]) -> [String: String] {
        guard !names.isEmpty else { return [:] }
        return ProcessInfo.processInfo.environment.filter { name, _ in
            names.contains { $0.hasSuffix("_") ? name.hasPrefix($0) : name == $0 }
        }
    }

    /// Runs `work` and cancels it when the limit passes; nil then.
    private static func limited<Value: Sendable>(
        to limit: Duration, _ work: @escaping @Sendable () async -> Value
    ) async -> Value? {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await work() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private static func status(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }

    private static func become(_ user: String, _ options: inout PlatformOptions) throws(NodeFailure) {
        guard let entry = getpwnam(user) else {
            throw NodeFailure(.notFound, "user \"\(user)\" does not exist")
        }
        var groups = [UInt32](repeating: 0, count: 64)
        var count = Int32(groups.count)
        guard getgrouplist(user, entry.pointee.pw_gid, &groups, &count) >= 0 else {
            throw NodeFailure(.internalError, "could not read the groups of user \"\(user)\"")
        }
        options.userID = entry.pointee.pw_uid
        options.groupID = entry.pointee.pw_gid
        options.supplementaryGroups = Array(groups.prefix(Int(count)))
    }
}
