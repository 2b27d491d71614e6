/// The times of the short lease. What makes it safe is their order: whoever is alone ends before anybody may conclude that it has.
package enum LeaseTimes {
    /// Between two attempts to hear of a host.
    package static let pace = Duration.milliseconds(400)
    /// For one attempt: a lost packet is sent again after a second (RFC 6298, 2.1), and a network may be half a second late.
    package static let attempt = Duration.milliseconds(1500)
    /// A leader that has heard of too few other hosts for so long kills its PostgreSQL.
    package static let holderEnds = Duration.milliseconds(2500)
    /// A host that was not heard of for so long is lost. The difference, 1.5 s, is for attempts of the two sides that fall two paces
    /// apart, and for the killing.
    package static let witnessConcludes = Duration.seconds(4)
    /// A pause of a loop after which nothing is known of the time between: this process may have been stopped itself.
    package static let longestGap = Duration.seconds(1)
    /// After such a pause, for one attempt of each kind before the leader is given up.
    package static let grace = Duration.milliseconds(800)

    /// Of the other hosts, how many a leader must hear of; with itself that is half of all hosts or more.
    package static func needed(hosts: Int) -> Int { hosts / 2 }

    /// How many of the other hosts must have heard nothing for it to be lost: so many that those which are left could not be
    /// enough for it.
    package static func witnesses(hosts: Int) -> Int { hosts - needed(hosts: hosts) }
}
