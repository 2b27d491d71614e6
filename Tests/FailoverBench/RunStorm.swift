import ArgumentParser
import BenchStatistics
import Foundation
import SeededRandom

struct RunStorm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storm",
        abstract: "Mixed faults, one after the other and some at once; 1 if the cluster did not stand it.")

    @OptionGroup var block: BlockOptions
    @Option(help: "How many faults.") var faults = 50
    @Option(help: "table or json.") var output = Report.Format.table

    func run() async throws {
        let runner = TrialRunner(lab: try await Lab(repository: block.repository), profile: block.profile)
        try await runner.prepare()
        var random = SplitMix(state: block.seed)
        var trials: [Trial] = []
        var unjudged = 0
        for number in 1...faults {
            let fault = Fault.drawn(using: &random)
            do {
                let trial = try await runner.trial(fault)
                try block.append(trial)
                comment("\(number) of \(faults): \(trial.line)")
                trials.append(trial)
            } catch {
                // A cluster that does not come back is the worst that can be found here.
                unjudged += 1
                comment("\(number) of \(faults): \(fault.event.rawValue): \(error)")
            }
        }
        try await runner.remove()
        let summary = StormSummary(trials, unjudged: unjudged)
        switch output {
        case .table: print(summary.text)
        case .json: print(try Report.json(summary))
        }
        if !summary.isStood { throw ExitCode(1) }
    }
}
