import ClusterModel

/// The short lease as every other host sees it: when a leader that has promised to end alone must have ended.
///
/// Lives in memory on purpose. A witness that was started anew knows of no promise, and so concludes nothing until the leader
/// has renewed it. Times are of a clock that only goes forward.
package struct LeaseWitness: Sendable {
    /// What the agent of a leader has promised, for this one key.
    package struct Promise: Equatable, Sendable {
        package var member: RoleName
        package var host: String
        /// The transaction that created the leader key.
        package var key: Int64

        package init(member: RoleName, host: String, key: Int64) {
            self.member = member
            self.host = host
            self.key = key
        }
    }

    private var promises: [RoleName: Promise] = [:]
    /// What was taken back, with the serial number of that: a renewal that was overtaken by it is none.
    private var withdrawn: [RoleName: (promise: Promise, serial: Int64)] = [:]
    /// When a host was last heard of, by an attempt of this one or by a renewal of its own.
    private var contacts: [String: Duration] = [:]
    /// Since when this witness has looked without a gap.
    private var since: Duration?
    private var last: Duration?

    package init() {}

    /// One look, at least each `LeaseTimes.pace`. After a gap all silences begin anew: it may have been this host that was deaf.
    package mutating func look(at now: Duration) {
        if since == nil || now - (last ?? now) > LeaseTimes.longestGap { since = now }
        last = now
    }

    /// `serial` rises from one message of a leader's agent to the next.
    package mutating func renew(_ promise: Promise, serial: Int64, at now: Duration) {
        if let last = withdrawn[promise.member], last.promise == promise, serial <= last.serial { return }
        promises[promise.member] = promise
        hear(of: promise.host, at: now)
    }

    package mutating func withdraw(_ promise: Promise, serial: Int64) {
        withdrawn[promise.member] = (promise, serial)
        if promises[promise.member] == promise { promises[promise.member] = nil }
    }

    /// By a renewal, or because its kernel answers: a host that can be reached is not lost, even if its agent does not run.
    package mutating func hear(of host: String, at now: Duration) {
        contacts[host] = max(contacts[host] ?? now, now)
    }

    /// Those whose hosts must be listened for all the time: a silence is one only while somebody listens.
    package var all: [Promise] { Array(promises.values) }

    /// Another key, or none, is there: what was promised for others does not matter any more.
    package mutating func forget(allBut key: Int64?) {
        promises = promises.filter { $0.value.key == key }
    }

    /// The promise for the key that is there now; nil if there is none.
    package func promise(of member: RoleName, key: Int64) -> Promise? {
        promises[member].flatMap { $0.key == key ? $0 : nil }
    }

    /// How long the host has not been heard of by a witness that listened all the time.
    package func silence(of host: String, at now: Duration) -> Duration {
        guard let since, let last, now - last <= LeaseTimes.longestGap else { return .zero }
        return now - max(contacts[host] ?? since, since)
    }

    /// Whether, as far as this host can tell, PostgreSQL of the member has ended as it was promised.
    package func concludes(_ promise: Promise, at now: Duration) -> Bool {
        promises[promise.member] == promise && silence(of: promise.host, at: now) >= LeaseTimes.witnessConcludes
    }
}
