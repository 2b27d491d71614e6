/// What is done to a member's host, the leader's as a rule, and undone. `$1` is the member, which is also its host's name.
enum FaultEvent: String, CaseIterable {
    case switchover
    case stop
    case killPostmaster = "kill-postmaster"
    case killUnit = "kill-unit"
    case killPatroni = "kill-patroni"
    case freeze
    case stopPostgres = "stop-postgres"
    case stopPatroni = "stop-patroni"
    case thaw
    case loseHost = "lose-host"
    case cutHost = "cut-host"
    case cutZooKeeper = "cut-zookeeper"
    case killZooKeeperLeader = "kill-zookeeper-leader"
    case loseQuorum = "lose-quorum"

    /// For a shell on the member's host; nil for what is done from outside or elsewhere.
    var command: String? {
        switch self {
        case .switchover: "pgha-node switchover --no-wait"
        case .stop: "systemctl stop pgha-patroni@$1"
        case .killPostmaster: "kill -9 $(head -n 1 /var/lib/pgha/*/postgresql/postmaster.pid)"
        case .killUnit: "systemctl kill -s KILL --kill-who=all pgha-patroni@$1"
        case .killPatroni: "systemctl kill -s KILL --kill-who=main pgha-patroni@$1"
        case .freeze, .thaw: "systemctl freeze pgha-patroni@$1"
        case .stopPostgres: "pkill -STOP -x postgres"
        case .stopPatroni: "systemctl kill -s STOP --kill-who=main pgha-patroni@$1"
        case .loseHost, .cutHost, .cutZooKeeper, .killZooKeeperLeader, .loseQuorum: nil
        }
    }

    /// Brings back what the fault has taken, where nothing else does; it must do no harm where something has.
    var mending: String? {
        switch self {
        case .stop: "systemctl start --no-block pgha-patroni@$1"
        case .freeze, .thaw: "pgha-node thaw $1"
        case .stopPostgres: "pkill -CONT -x postgres; true"
        case .stopPatroni: "systemctl kill -s CONT --kill-who=main pgha-patroni@$1; true"
        default: nil
        }
    }

    /// Seconds that are watched at least: a fault that hurts late must have its time.
    var shortest: Double {
        switch self {
        case .stopPatroni, .loseQuorum, .cutZooKeeper: 45
        case .thaw: 55
        case .killPatroni, .killZooKeeperLeader: 8
        default: 4
        }
    }

    /// Seconds after which it is not waited for any longer.
    static let longest = 75.0
    /// When the thaw comes, in seconds after the freeze.
    static let thawAfter = 45.0
}

/// What happens to the agents of all hosts while the leader's fault is injected.
enum AgentFault: String, CaseIterable {
    /// Nothing.
    case running
    /// SIGKILL just before the fault; systemd starts them anew.
    case killed
    /// SIGSTOP just before the fault, SIGCONT when the observation has ended; systemd's watchdog may come before that.
    case frozen
    /// Stopped in good order, and started when the observation has ended.
    case stopped

    var command: String? {
        switch self {
        case .running: nil
        case .killed: "systemctl kill -s KILL pgha-agent"
        case .frozen: "systemctl kill -s STOP pgha-agent"
        case .stopped: "systemctl stop pgha-agent"
        }
    }

    var mending: String? {
        switch self {
        case .running, .killed: nil
        case .frozen: "systemctl kill -s CONT pgha-agent; true"
        case .stopped: "systemctl start --no-block pgha-agent"
        }
    }
}
