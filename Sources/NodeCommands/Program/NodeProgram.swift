import ArgumentParser
import ClusterModel
import Foundation
import Glibc

/// The program `pgha-node`: parses, runs, and turns a failure into its text on stderr and its exit status.
public enum NodeProgram {
    public static func main() async {
        do {
            var command = try PghaNodeCommand.parseAsRoot()
            guard var asynchronous = command as? any AsyncParsableCommand else { return try command.run() }
            OperatorRecord.write(of: asynchronous)
            if asynchronous is any EndsAtSignal { return try await asynchronous.run() }
            try await runInterruptibly(asynchronous)
        } catch let failure as NodeFailure {
            Output.comment(failure.description)
            exit(failure.code.exitStatus)
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            PghaNodeCommand.exit(withError: error)
        }
    }
}

extension NodeProgram {
    /// A command that only the task it is handed to uses from there on.
    private struct Handed: @unchecked Sendable {
        var command: any AsyncParsableCommand
    }

    private static func runInterruptibly(_ command: any AsyncParsableCommand) async throws {
        let handed = Handed(command: command)
        let work = Task {
            var command = handed.command
            try await command.run()
        }
        let interruption = Interruption(of: work)
        defer { interruption.end() }
        try await work.value
    }
}

struct PghaNodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pgha-node",
        abstract: "PostgreSQL high availability on plain systemd hosts: PostgreSQL, Patroni, ZooKeeper and HAProxy.",
        discussion: """
            A new cluster of three hosts:

              pgha-node init --host pg1=192.0.2.11 --host pg2=192.0.2.12 --host pg3=192.0.2.13
              (copy /etc/pgha/cluster.yml and /etc/pgha/secrets/ to the same place on each host)
              pgha-node install --role pg1        on the first host, pg2 on the second, pg3 on the third
              pgha-node ps
            """,
        version: ProgramVersion.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Installation",
                subcommands: [
                    Init.self, Schema.self, RunPreflight.self, Install.self, Uninstall.self, Render.self,
                    MakeBundle.self, Certs.self,
                ]),
            CommandGroup(
                name: "Host", subcommands: [Up.self, Apply.self, Down.self, Prune.self]),
            CommandGroup(
                name: "Service",
                subcommands: [
                    Start.self, Stop.self, Restart.self, Freeze.self, Thaw.self, Pause.self, Unpause.self, Ps.self,
                    Logs.self, Timeline.self, Report.self, Exec.self, Shell.self, Inspect.self, Network.self,
                ]),
            CommandGroup(
                name: "Cluster",
                subcommands: [
                    List.self, Health.self, Switchover.self, Failover.self, RunDrill.self, Reinit.self,
                    MaintenanceMode.self,
                    Psql.self, DSN.self,
                ]),
            CommandGroup(name: "Agent", subcommands: [RunAgent.self, HandOver.self]),
            CommandGroup(name: "Reference", subcommands: [ExitStatus.self, Manual.self, Completion.self]),
        ]
    )
}

enum ProgramVersion {
    static let text = "pgha-node 0.1.0"
    /// Of the manual pages, as mdoc(7) wants it.
    static let date = "November 25, 2026"
}

struct ExitStatus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exit-status",
        abstract: "List the exit statuses of all commands.",
        discussion: """
            Examples:
              pgha-node exit-status
              pgha-node exit-status --output json
            """
    )

    @OptionGroup var output: OutputOptions

    func run() throws {
        let rows =
            [ExitStatusRow(status: 0, name: "ok", meaning: "the command did what was asked")]
            + NodeFailure.Code.allCases
            .map { ExitStatusRow(status: $0.exitStatus, name: $0.rawValue, meaning: $0.meaning) }
            .sorted { $0.status < $1.status }
        try output.render(rows) { rows in
            TextTable(
                headers: ["STATUS", "NAME", "MEANING"], rows: rows.map { [String($0.status), $0.name, $0.meaning] }
            ).text
        }
    }
}

private struct ExitStatusRow: Codable {
    var status: Int32
    var name: String
    var meaning: String
}
