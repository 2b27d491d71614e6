/// What `journalctl -x` says about the agent's records (journalctl(1); the format is systemd's "Journal Message Catalogs").
package enum MessageCatalog {
    /// Where systemd looks for what is not from a package (systemd, catalog_file_dirs in catalog.c).
    package static let path = "/usr/local/lib/systemd/catalog/pgha-node.catalog"

    package static var text: String {
        AgentEventKind.allCases.map { kind in
            let (subject, explanation) = kind.explanation
            return """
                -- \(kind.identifier)
                Subject: \(subject)
                Defined-By: pgha-node
                Documentation: man:pgha-node(1)

                \(explanation)

                """
        }.joined(separator: "\n")
    }
}

extension AgentEventKind {
    /// A heading, and what it means and what to do. `@FIELD@` is a field of the record.
    fileprivate var explanation: (String, String) {
        switch self {
        case .leaderKey:
            (
                "A member holds the leader key",
                """
                @PGHA_MEMBER@ holds Patroni's leader key in ZooKeeper: it leads, or is about to be promoted.
                PGHA_BEFORE= names who held it before. What made the leader change stands in the records before this one, on the host of the
                member that led.
                """
            )
        case .leaderKeyGone:
            (
                "Nobody holds the leader key",
                """
                Patroni's leader key has gone, so that the members race for it. Usually one of them has it within a tenth of a second. If none
                takes it, see "pgha-node health": no other member may be near enough, or maintenance may be on.
                """
            )
        case .routeClosed:
            (
                "HAProxy does not lead to a member any more",
                """
                @PGHA_MEMBER@ does not hold the leader key, so HAProxy of @PGHA_ROLE@ was told that it is down. Its sessions have ended; clients
                connect anew.
                """
            )
        case .routeOpened:
            (
                "HAProxy leads to the new leader",
                """
                A new connection to @PGHA_MEMBER@ found a PostgreSQL that takes writes, so HAProxy of @PGHA_ROLE@ was told that it is up.
                """
            )
        case .ready:
            (
                "This host is ready",
                """
                ZooKeeper is in its quorum, the member leads and a write commits or it streams, and HAProxy has a way to the leader, as far as
                they are on this host.
                """
            )
        case .notReady:
            (
                "This host is not ready",
                """
                Something that this host is there for is missing. The message names it, and the next thing to do.
                """
            )
        case .complaint:
            (
                "Something that the agent wanted to do failed",
                """
                The cluster goes on as it would without the agent. PGHA_DETAIL= and PGHA_HINT= say more. Where it is said again and again, see
                "pgha-node health" and the journal of the service that is named.
                """
            )
        case .fence:
            (
                "The unit of a leader is killed",
                """
                PostgreSQL of @PGHA_MEMBER@ crashed or hung while it led (PGHA_REASON=). All that is left of its unit is killed, so that nothing of
                it can answer a write any more; then the leader key is released. systemd starts Patroni anew, and the member follows.
                """
            )
        case .release:
            (
                "A leader key is released",
                """
                PostgreSQL of @PGHA_MEMBER@ had ended (PGHA_REASON=), nothing of it was left, and another member could take over; so its leader key
                was deleted instead of waiting until its lease ends. PGHA_LOSS_BYTES= is the WAL that no other member had, which can only be more
                than 0 with "durability: asynchronous".
                """
            )
        case .leftToPatroni:
            (
                "A leader that has ended is left to Patroni",
                """
                PostgreSQL of @PGHA_MEMBER@ has ended, or hangs, while it led, and one of the rules of release is not fulfilled: @PGHA_REASON@.
                Patroni does what it would do without the agent, when the lease ends or PostgreSQL is up again.
                """
            )
        case .secondLeader:
            (
                "A second leader is killed",
                """
                @PGHA_MEMBER@ took writes while @PGHA_LEADER@ held the leader key: it was frozen or stopped for longer than its lease, or its Patroni
                hung. It was killed before it could acknowledge more, and follows when Patroni has rewound it. Commits that it acknowledged since
                the other one leads are lost; with synchronous durability there are none.
                """
            )
        case .patroniKilled:
            (
                "A Patroni that hung is killed",
                """
                Patroni of @PGHA_MEMBER@ did not answer while its PostgreSQL served. Its lease would have ended under a leader that takes writes.
                Patroni alone was killed; the new one takes over the running PostgreSQL.
                """
            )
        case .replicaSilent:
            (
                "A replica does not stream",
                """
                @PGHA_MEMBER@ runs and does not stream from a leader that is well. "pgha-node logs @PGHA_MEMBER@" says why: an old timeline, WAL that
                the leader has no more, a password. If it lasts, its unit is restarted, and then its data copied anew.
                """
            )
        case .replicaRestarted:
            (
                "A replica that does not stream is restarted",
                """
                A restart mends what depends on Patroni's state. If it does not help within a minute, the data is copied anew.
                """
            )
        case .replicaCopied:
            (
                "A replica that does not stream is copied anew",
                """
                Its data is thrown away and copied from the leader; the leader and at least one other member have it. "pgha-node list" shows how
                far it is. If it falls out again, the next copy comes ten minutes later at the earliest, and then later each time.
                """
            )
        case .replicaKept:
            (
                "A replica is not copied anew, because it may be the last copy",
                """
                @PGHA_MEMBER@ does not stream, and no other member that runs has the data. Nothing is thrown away. Bring the other members back, or
                look at it by hand.
                """
            )
        case .replicaStreams:
            (
                "A replica streams again",
                """
                @PGHA_MEMBER@ had not streamed for a while, and does again.
                """
            )
        case .suspected:
            (
                "A leader gives no sign of life",
                """
                PostgreSQL of @PGHA_MEMBER@ cannot run or does not answer (@PGHA_REASON@). If that lasts for the suspicion time (agent.suspicion), it is
                replaced; if not, nothing happens.
                """
            )
        case .hung:
            (
                "A leader hangs",
                """
                PostgreSQL of @PGHA_MEMBER@ has given no sign of life for the suspicion time (@PGHA_REASON@). It is killed and replaced, if another
                member can take over. "pgha-node freeze --observe" freezes a leader without this.
                """
            )
        case .peerSilent:
            (
                "The agent of another host does not answer",
                """
                The agent of @PGHA_PEER@ has not answered for half a minute, or the two do not take each other's certificates. The cluster
                does not depend on it; what that host says is missing in /status and in the metrics. "pgha-node certs" on both hosts, and
                "systemctl status pgha-agent" on that one, say more.
                """
            )
        case .peerBack:
            (
                "The agent of another host answers again",
                """
                The agent of @PGHA_PEER@ had not answered for a while, and does again.
                """
            )
        case .leaseArmed:
            (
                "A member leads on a short lease",
                """
                With "lease: short" the agent of @PGHA_MEMBER@ has promised the other hosts to kill its PostgreSQL when it can reach too few of
                them. In return they replace it within seconds when none of them can reach it.
                """
            )
        case .leaseLost:
            (
                "A leader that was alone is killed",
                """
                The host of @PGHA_MEMBER@ could reach too few other hosts for @PGHA_DURATION_MS@ ms. They may make another member the leader now, so
                PostgreSQL here was killed first. It follows the new leader when the network is back. Look for what cut this host off.
                """
            )
        case .operatorVerb:
            (
                "Somebody runs a verb of pgha-node",
                """
                @PGHA_USER@ runs "pgha-node @PGHA_VERB@ @PGHA_TARGET@" on this host. What follows may be its doing. "pgha-node timeline" puts
                the two together.
                """
            )
        case .firstWrite:
            (
                "A new leader has committed its first write",
                """
                Clients can write again on @PGHA_MEMBER@. With synchronous durability that is when a replica streams from it, which may be
                later than its promotion.
                """
            )
        case .routeHeld:
            (
                "New connections wait for the next leader",
                """
                The leader changes, or has gone. Whoever connects to HAProxy of @PGHA_ROLE@ now waits for the next leader, five seconds at most,
                instead of being refused.
                """
            )
        case .drill:
            (
                "A drill breaks something on this host",
                """
                Somebody runs "pgha-node drill @PGHA_VERB@" on a host of this cluster, and @PGHA_MEMBER@ is what it hits. systemd does it, a fifth
                of a second later, by the timer pgha-drill-fault; where it has to be mended, the timer pgha-drill-cure does that.
                """
            )
        case .failsafeOutlived:
            (
                "A Patroni that waited for a dead leader is started anew",
                """
                @PGHA_BEFORE@ could not reach ZooKeeper for a while, and led on with the consent of all members, which Patroni calls failsafe mode.
                Members that have agreed take it for the leader for as long as ttl. Then it died, and its agent has released its leader key after
                its PostgreSQL had ended. Patroni of @PGHA_MEMBER@ would have waited out that time without racing for the key; it was killed alone,
                its PostgreSQL runs on, and systemd starts it anew.
                """
            )
        }
    }
}
