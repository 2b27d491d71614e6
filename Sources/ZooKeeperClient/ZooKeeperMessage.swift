import HostPorts
import NIOCore

/// The numbers of ZooKeeper's protocol (org.apache.zookeeper.ZooDefs.OpCode).
enum Operation: Int32 {
    case create = 1
    case delete = 2
    case exists = 3
    case getData = 4
    case setData = 5
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
    static let nodeExists: Int32 = -110
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
    static func transaction(_ steps: [CoordinationStep], below root: String, _ writer: inout JuteWriter) {
        for step in steps {
            switch step {
            case .check: addHeader(Operation.check.rawValue, isLast: false, &writer)
            case .delete: addHeader(Operation.delete.rawValue, isLast: false, &writer)
            case .set: addHeader(Operation.setData.rawValue, isLast: false, &writer)
            }
            writer.add(root + step.node.path)
            if case .set(_, let data) = step { writer.add(data) }
            writer.add(step.node.version)
        }
        addHeader(-1, isLast: true, &writer)
    }

    /// A MultiResponse; nil if the transaction was not done. Then each of its parts is an error, and the header of the reply
    /// says 0 (org.apache.zookeeper.MultiResponse).
    static func results(of steps: [CoordinationStep], _ reader: inout JuteReader) throws -> [CoordinationNode?]? {
        var nodes: [CoordinationNode?] = []
        for step in steps {
            let type = try reader.int32()
            _ = try reader.flag()
            let error = try reader.int32()
            if type == -1 || error != 0 { return nil }
            if case .set(_, let data) = step {
                nodes.append(try node(data, &reader))
            } else {
                nodes.append(nil)
            }
        }
        return nodes
    }

    /// A CreateRequest of a persistent node that everybody may change, as Patroni's are without an ACL.
    static func create(_ path: String, _ data: [UInt8], _ writer: inout JuteWriter) {
        writer.add(path)
        writer.add(data)
        writer.add(Int32(1))
        // ZooDefs.Perms.ALL, and the scheme that everybody is of.
        writer.add(Int32(31))
        writer.add("world")
        writer.add("anyone")
        writer.add(Int32(0))
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
        _ = try reader.int32()
        _ = try reader.int32()
        let childrenChanged = try reader.int64()
        return CoordinationNode(
            data: data, created: created, modified: modified, version: version, owner: owner,
            childrenChanged: childrenChanged)
    }
}
