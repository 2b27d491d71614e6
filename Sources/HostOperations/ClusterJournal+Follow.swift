import ClusterModel
import Foundation
import HostPorts

/// How far the journal of each host has been read.
package final class JournalPlaces: LogSink, @unchecked Sendable {
    private let lock = NSLock()
    private let next: any LogSink
    private var places: [String: JournalPlace] = [:]

    /// Passes on to `next` what it takes.
    package init(_ next: any LogSink) { self.next = next }

    package func isOpen() -> Bool { next.isOpen() }
    package func complain(of failure: NodeFailure) { next.complain(of: failure) }

    package func take(_ records: [LogRecord]) -> Bool {
        lock.withLock {
            for record in records { places[record.host, default: JournalPlace()].pass(record.time) }
        }
        return next.take(records)
    }

    /// What comes after that; all since `since` for a host of which nothing has been read.
    func request(_ kind: JournalKind, of host: String, since: UInt64) -> JournalRequest {
        lock.withLock {
            let place = places[host]
            return JournalRequest(
                kind: kind, since: place?.latest.time ?? since, until: .max, skip: place?.latest.count ?? 0)
        }
    }

    /// What is new in the answer to that.
    func news(of page: JournalPage) -> [LogRecord] {
        lock.withLock { places[page.host, default: JournalPlace()].news(of: page) }
    }

    /// Passes on what is in no order that matters here.
    func pass(on records: [LogRecord]) -> Bool { next.take(records) }
}

extension ClusterJournal {
    private static let pace = Duration.seconds(1)

    /// What comes from now on, about a second late: each host is asked again and again for what is new.
    ///
    /// Ends when the sink has gone or the task is cancelled. A host that does not answer is complained of once, and asked again;
    /// what it has to say is then told late.
    package func follow(
        _ kind: JournalKind, after places: JournalPlaces, since: UInt64, from hosts: [String]
    ) async {
        var silent: Set<String> = []
        let pager = JournalPager(logs: machine.observation.logs, host: host)
        while places.isOpen() {
            var news: [LogRecord] = []
            for each in cluster.hosts where hosts.contains(each.name) {
                do throws(NodeFailure) {
                    let request = places.request(kind, of: each.name, since: since)
                    let page =
                        each.name == host.name ? try await pager.page(request) : try await question.page(request, each)
                    news += places.news(of: page)
                    silent.remove(each.name)
                } catch {
                    if silent.insert(each.name).inserted { places.complain(of: error) }
                }
            }
            // Of one host they stay in their order.
            let sorted = news.enumerated().sorted {
                ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
            }
            if !sorted.isEmpty, !places.pass(on: sorted.map(\.element)) { return }
            do {
                try await machine.clock.sleep(for: Self.pace)
            } catch {
                return
            }
        }
    }
}
