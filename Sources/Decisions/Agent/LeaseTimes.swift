/// The times of the short lease. What makes it safe is their order: whoever is alone ends before anybody may conclude that it has.
///
/// A renewal counts for the leader from the moment when it was sent, and for a witness from the moment when it came, which is
/// later. So a leader that ends `holderEnds` after the last one that was answered, with a look each `pace` and some time for the
/// killing, has ended before `witnessConcludes` is over anywhere, whatever the network does.
package enum LeaseTimes {
    /// Between two looks.
    package static let pace = Duration.milliseconds(400)
    /// Between two renewals. Each is a new connection with TLS.
    package static let renewal = Duration.milliseconds(800)
    /// For one question to another host; a lost packet is sent again after a second (RFC 6298, 2.1).
    package static let attempt = Duration.milliseconds(2400)
    /// A leader whose renewals too few other hosts have answered for so long kills its PostgreSQL.
    package static let holderEnds = Duration.milliseconds(2500)
    /// A leader that a witness has not heard of for so long is lost.
    package static let witnessConcludes = Duration.seconds(4)
    /// A pause of a loop after which nothing is known of the time between: this process may have been stopped itself.
    package static let longestGap = Duration.seconds(1)
    /// After such a pause, for one renewal before the leader is given up.
    package static let grace = Duration.milliseconds(1200)

    /// Of the other hosts, how many must answer a leader; with itself that is half of all hosts or more.
    package static func needed(hosts: Int) -> Int { hosts / 2 }

    /// How many of the other hosts must have heard nothing for it to be lost: so many that those which are left could not be
    /// enough for it.
    package static func witnesses(hosts: Int) -> Int { hosts - needed(hosts: hosts) }
}
