import ArgumentParser
import BenchStatistics
import Foundation
import SeededRandom

/// The measuring part of Tests/bench. It runs in the network of the hosts, as root.
@main
struct FailoverBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failover-bench", subcommands: [RunBlock.self, RunStorm.self, Report.self])
}

struct RunBlock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Faults on the hosts that are up; a line of JSON is added to a file for each.")

    @OptionGroup var block: BlockOptions
    @Option(help: "How often each event.") var count = 1
    @Option(help: "An event; repeat it for more. All by default.") var event: [String] = []
    @Option(help: "What happens to all agents just before each fault: running, killed, frozen or stopped.")
    var agents = AgentFault.running
    @Flag(help: "Strike the synchronous replica instead of the leader; only events that can.") var replica = false

    func run() async throws {
        let events = try (event.isEmpty ? FaultEvent.allCases : event.map(FaultEvent.named)).filter {
            !replica || $0.canStrikeReplica
        }
        let runner = TrialRunner(lab: try await Lab(repository: block.repository), profile: block.profile)
        try await runner.prepare()
        var random = SplitMix(state: block.seed)
        for event in (0..<count).flatMap({ _ in events.shuffled(using: &random) }) {
            let fault = Fault(
                event, of: replica ? .synchronousReplica : .leader, phase: Double.random(in: 0..<5, using: &random),
                agents: agents)
            do {
                let trial = try await runner.trial(fault)
                try block.append(trial)
                comment(trial.line)
            } catch {
                comment("\(block.profile) \(event.rawValue): \(error)")
            }
        }
        try await runner.remove()
    }
}

/// Which hosts, and where the trials go.
struct BlockOptions: ParsableArguments {
    @Option(help: "The project's directory.") var repository: String
    @Option(
        help: "What the table calls it: standard or reference, as the hosts were brought up, and what else differs.")
    var profile: String
    @Option(help: "Of the faults, their order, and the moment in Patroni's round.") var seed: UInt64
    @Option(help: "Where the trials go.") var trials: String

    func append(_ trial: Trial) throws {
        let line = try JSONEncoder().encode(trial) + Data("\n".utf8)
        if !FileManager.default.fileExists(atPath: trials) {
            _ = FileManager.default.createFile(atPath: trials, contents: nil)
        }
        let file = try FileHandle(forWritingTo: URL(filePath: trials))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: line)
    }
}

extension Trial {
    /// For a person who watches.
    var line: String {
        let seconds = String((outage * 1000).rounded() / 1000)
        let struck = (struck ?? [leaderBefore]).map { $0 == leaderBefore ? "\($0), the leader" : $0 }
        let fault = "\(event) on \(struck[0])" + (second.map { ", then \($0) on \(struck[1])" } ?? "")
        return "\(profile) \(fault): \(seconds) s\(cameBack ? "" : ", not back"), \(acknowledged) acknowledged, "
            + "\(refused) refused, \(lost) lost, healthy after \(recovery.map { String($0.rounded()) } ?? "too long") s"
    }
}

func comment(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "The table, or JSON; with --limits, 1 if something required was not kept.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    @Argument(help: "Files with trials.") var files: [String]
    @Option(help: "table or json.") var output = Format.table
    @Flag(help: "End with 1 if a requirement was not kept.") var limits = false

    func run() throws {
        let trials = try files.flatMap { file in
            try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map {
                try JSONDecoder().decode(Trial.self, from: Data($0.utf8))
            }
        }
        let summaries = Summary.all(trials)
        switch output {
        case .table: print(SummaryTable.text(summaries))
        case .json:
            print(try Self.json(summaries))
        }
        if limits, summaries.contains(where: { $0.isKept == false }) { throw ExitCode(1) }
    }

    static func json(_ result: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(result), as: UTF8.self)
    }
}

extension AgentFault: ExpressibleByArgument {}

extension FaultEvent {
    static func named(_ name: String) throws -> FaultEvent {
        guard let event = FaultEvent(rawValue: name) else {
            throw ValidationError(
                "there is no event \"\(name)\"; there are \(allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return event
    }
}
