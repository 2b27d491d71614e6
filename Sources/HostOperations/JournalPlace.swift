import HostPorts

/// How far the journal of a host has been read. What comes after that is asked for by time, as pages go.
struct JournalPlace {
    /// The latest time so far, and how many entries have it.
    private(set) var latest: (time: UInt64, count: Int) = (0, 0)
    /// How many have come after those with an earlier time: since the clock was set back. They come again with the next page.
    private var behind = 0

    mutating func pass(_ time: UInt64) {
        if time < latest.time {
            behind += 1
        } else {
            latest = (time, time == latest.time ? latest.count + 1 : 1)
            behind = 0
        }
    }

    /// What is new in a page that was asked for from here.
    mutating func news(of page: JournalPage) -> [LogRecord] {
        let records = Array(page.records.dropFirst(behind))
        for record in records { pass(record.time) }
        return records
    }
}
