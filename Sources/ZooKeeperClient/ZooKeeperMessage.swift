import HostPorts
import NIOCore

/// The numbers of ZooKeeper's protocol (org.apache.zookeeper.ZooDefs.OpCode).
enum Operation: Int32 {
    case delete = 2
    case exists = 3
    case getData = 4
    case sync = 9
    case ping = 11
    case getChildren = 12
    case check = 13
    case multi = 14
    case closeSession = -11
}

/// What a server answers besides 0 (org.apache.zookeeper.KeeperException.Code).
enum ErrorCode {
    static let noNode: Int32 = -101
    static let badVersion: Int32 = -103
    static let notEmpty: Int32 = -111
}

/// Replies that nobody has asked for carry these in the place of a number (org.apache.zookeeper.ClientCnxn).
enum ReservedNumber {
    static let watch: Int32 = -1
    static let ping: Int32 = -2
}

/// The session as its server has confirmed it.
struct SessionIdentity: Equatable {
    var number: Int64 = 0
    var password = [UInt8](repeating: 0, count: 16)
}

struct ReplyHeader {
    var number: Int32
    var transaction: Int64
    var error: Int32

    init(_ reader: inout JuteReader) throws {
        number = try reader.int32()
        transaction = try reader.int64()
        error = try reader.int32()
    }
}

enum Messages {
    /// ConnectRequest. `lastSeen`: a server that is behind it refuses, so that a session never goes back in time.
    static func connect(_ session: SessionIdentity, timeout: Int32, lastSeen: Int64) -> ByteBuffer {
        var writer = JuteWriter()
        writer.add(Int32(0))
        writer.add(lastSeen)
        writer.add(timeout)
        writer.add(session.number)
        writer.add(session.password)
        // "May be read-only": a server without quorum must not answer.
        writer.add(false)
        return writer.frame
    }

    static func request(_ number: Int32, _ operation: Operation, _ body: (inout JuteWriter) -> Void = { _ in })
        -> ByteBuffer
    {
        var writer = JuteWriter()
        writer.add(number)
        writer.add(operation.rawValue)
        body(&writer)
        return writer.frame
    }

    /// A MultiTransactionRecord: each part with a header, and a last header that says that it was the last.
    static func transaction(_ guards: [CoordinationGuard], deleting node: CoordinationGuard, _ writer: inout JuteWriter)
    {
        for guarded in guards { add(.check, guarded, &writer) }
        add(.delete, node, &writer)
        addHeader(-1, isLast: true, &writer)
    }

    private static func add(_ operation: Operation, _ node: CoordinationGuard, _ writer: inout JuteWriter) {
        addHeader(operation.rawValue, isLast: false, &writer)
        writer.add(node.path)
        writer.add(node.version)
    }

    private static func addHeader(_ type: Int32, isLast: Bool, _ writer: inout JuteWriter) {
        writer.add(type)
        writer.add(isLast)
        writer.add(Int32(-1))
    }

    /// org.apache.zookeeper.data.Stat, after the node's data.
    static func node(_ data: [UInt8], _ reader: inout JuteReader) throws -> CoordinationNode {
        let created = try reader.int64()
        let modified = try reader.int64()
        _ = try reader.int64()
        _ = try reader.int64()
        let version = try reader.int32()
        _ = try reader.int32()
        _ = try reader.int32()
        let owner = try reader.int64()
        return CoordinationNode(data: data, created: created, modified: modified, version: version, owner: owner)
    }
}
