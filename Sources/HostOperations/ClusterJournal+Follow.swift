import ClusterModel
import HostPorts

extension ClusterJournal {
    private static let pace = Duration.seconds(1)

    /// What comes from now on, about a second late: each host is asked again and again for what is new. `sight` is what `read` has
    /// seen; all since `since` comes of a host of which nothing has been read.
    ///
    /// Ends when the sink has gone or the task is cancelled. A host that does not answer is complained of once, and asked again;
    /// what it has to say is then told late.
    package func follow(
        _ kind: JournalKind, after sight: Sight, since: UInt64, from hosts: [String], into sink: any LogSink
    ) async {
        var silent: Set<String> = []
        var ends = sight.ends
        let followed = cluster.hosts.filter { hosts.contains($0.name) }.map { (name: $0.name, pages: pages(of: $0)) }
        while sink.isOpen() {
            var news: [LogRecord] = []
            for (name, pages) in followed {
                let request = JournalRequest(kind: kind, since: since, until: .max, after: ends[name])
                do throws(NodeFailure) {
                    let page = try await pages(request)
                    ends[name] = page.end ?? ends[name]
                    news += page.records
                    silent.remove(name)
                } catch {
                    if silent.insert(name).inserted { sink.complain(of: error) }
                }
            }
            // What has the same time stays in the order of its host.
            let sorted = news.enumerated().sorted {
                ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
            }
            if !sorted.isEmpty, !sink.take(sorted.map(\.element)) { return }
            do {
                try await machine.clock.sleep(for: Self.pace)
            } catch {
                return
            }
        }
    }
}
