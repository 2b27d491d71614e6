import ArgumentParser
import ClusterModel
import Dispatch
import Glibc
import HostPorts
import NodeAgent

struct RunAgent: AsyncParsableCommand, EndsAtSignal {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Run the agent of this host; systemd does that, as pgha-agent.service.",
        discussion: """
            It tells systemd when this host is usable, leads HAProxy to a new leader at once, and makes a known death of a
            leader a quick failover. Without it the cluster is as fast as Patroni and HAProxy alone. SIGHUP makes it read
            cluster.yml again; "systemctl status pgha-agent" shows in one line how the host is.

            Examples:
              pgha-node agent                     what the unit runs
              systemctl status pgha-agent
              systemctl reload pgha-agent
              journalctl -u pgha-agent -f
            """
    )

    @OptionGroup var cluster: ClusterOptions

    func run() async throws {
        let machine = Machine.local()
        try machine.requireRoot(to: "run the agent")
        let notifier = AgentPorts.notifier
        let signals = DaemonSignals()
        defer { signals.end() }
        let tidying = Task { await Self.staySmall() }
        defer { tidying.cancel() }
        var context = try context(on: machine)
        var requests = signals.requests.makeAsyncIterator()
        while true {
            let agent = Agent(context)
            let work = Task { await agent.run() }
            var next: AgentContext?
            var isEnding = false
            while next == nil, !isEnding {
                switch await requests.next() {
                case .reload: next = reloaded(on: machine, notifier)
                case .end, nil: isEnding = true
                }
            }
            if isEnding { await agent.untilServicesHaveStopped() }
            work.cancel()
            if await !hasEnded(work, within: .seconds(5)) {
                // Nothing that it holds outlives the process; a host that waits for it would be the worse harm. For a reload
                // systemd starts it anew (Restart=always).
                Output.comment("the agent ends although a part of it does not")
                Glibc.exit(EXIT_SUCCESS)
            }
            guard let next else { break }
            context = next
        }
        notifier.notify(["STOPPING=1"])
    }

    private static func staySmall() async {
        var pause = Duration.seconds(60)
        while (try? await Task.sleep(for: pause)) != nil {
            Machine.leaveProgramText()
            pause = .seconds(600)
        }
    }

    private func hasEnded(_ work: Task<Void, Never>, within limit: Duration) async -> Bool {
        let (ends, end) = AsyncStream<Bool>.makeStream()
        let waits = [
            Task {
                await work.value
                end.yield(true)
            },
            Task {
                try? await Task.sleep(for: limit)
                end.yield(false)
            },
        ]
        defer { for wait in waits { wait.cancel() } }
        for await isSo in ends { return isSo }
        return false
    }

    private func context(on machine: Machine) throws(NodeFailure) -> AgentContext {
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        let secrets = try ClusterOptions.loadSecrets(on: machine)
        return AgentContext(
            machine: machine, ports: .local(for: model, on: host), cluster: model, host: host, secrets: secrets)
    }

    /// nil if cluster.yml is not as it should be; the agent goes on with the one that it has.
    private func reloaded(on machine: Machine, _ notifier: any ServiceNotifier) -> AgentContext? {
        do throws(NodeFailure) {
            return try context(on: machine)
        } catch {
            Output.comment("the agent keeps its old settings; \(error)")
            return nil
        }
    }
}

/// SIGTERM and SIGINT end a daemon, SIGHUP makes it read its configuration again (daemon(7)).
private struct DaemonSignals {
    enum Request: Sendable { case reload, end }

    let requests: AsyncStream<Request>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream<Request>.makeStream()
        let queue = DispatchQueue(label: "signals")
        requests = stream
        sources = [SIGTERM, SIGINT, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { continuation.yield(number == SIGHUP ? .reload : .end) }
            source.resume()
            return source
        }
    }

    func end() {
        for source in sources { source.cancel() }
    }
}
