/// What `pgha-node drill` can break; the names are typed, and are keys of `drill.limits`.
package enum DrillKind: String, CaseIterable, Codable, Sendable {
    case switchover
    case stop
    case kill
    case freeze
    case hang
    case hostLoss = "host-loss"
    case partition
    case zookeeper
    case haproxy
}
