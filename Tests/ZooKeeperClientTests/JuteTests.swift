import HostPorts
import NIOCore
import SeededRandom
import Testing

@testable import ZooKeeperClient

/// What comes from a server, whole and damaged.
@Suite struct JuteTests {
    private static func node() -> ByteBuffer {
        var writer = JuteWriter()
        writer.add(Array("pg1".utf8))
        for number in [40, 41, 0, 0] { writer.add(Int64(number)) }
        for number in [3, 0, 0] { writer.add(Int32(number)) }
        writer.add(Int64(7))
        writer.add(Int32(3))
        writer.add(Int32(0))
        writer.add(Int64(41))
        return writer.buffer
    }

    @Test func `reads back what was written`() throws {
        var writer = JuteWriter()
        writer.add(Int32(-7))
        writer.add(Int64.max)
        writer.add(true)
        writer.add("größe")
        writer.add(["a", "", "b"])
        var reader = JuteReader(writer.buffer)
        #expect(try reader.int32() == -7)
        #expect(try reader.int64() == .max)
        #expect(try reader.flag())
        #expect(try reader.text() == "größe")
        #expect(try reader.texts() == ["a", "", "b"])
    }

    @Test func `reads a node with its owner and its versions`() throws {
        var reader = JuteReader(Self.node())
        let data = try reader.bytes()
        let node = try Messages.node(data, &reader)
        #expect(
            node
                == CoordinationNode(
                    data: Array("pg1".utf8), created: 40, modified: 41, version: 3, owner: 7, childrenChanged: 41))
    }

    @Test
    func `every cut and every flipped byte of a node is an error or a node, and never more memory than the frame`() {
        let whole = Array(Self.node().readableBytesView)
        for length in 0..<whole.count {
            var reader = JuteReader(ByteBuffer(bytes: whole.prefix(length)))
            #expect(throws: (any Error).self) { try Messages.node(try reader.bytes(), &reader) }
        }
        for place in whole.indices {
            for bit in 0..<8 {
                var damaged = whole
                damaged[place] ^= 1 << bit
                var reader = JuteReader(ByteBuffer(bytes: damaged))
                let node = try? Messages.node(try reader.bytes(), &reader)
                #expect((node?.data.count ?? 0) <= whole.count)
            }
        }
    }

    @Test func `noise is an error or a value, and never a crash`() {
        for seed in 0..<UInt64(5000) { readNoise(seed) }
    }

    private func readNoise(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        let bytes = (0..<Int(random.next() % 64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        for read in [
            { (reader: inout JuteReader) in _ = try reader.texts() }, { _ = try $0.bytes() },
            { _ = try ReplyHeader(&$0) }, { _ = try Messages.node(try $0.bytes(), &$0) },
        ] {
            var reader = JuteReader(ByteBuffer(bytes: bytes))
            try? read(&reader)
        }
    }

    private static let steps: [CoordinationStep] = [
        .check(CoordinationGuard(path: "/m", version: 3)), .set(CoordinationGuard(path: "/s", version: 1), data: [7]),
        .delete(CoordinationGuard(path: "/l", version: 0)),
    ]

    @Test func `a transaction has a header for each of its parts, and an end`() throws {
        var writer = JuteWriter()
        Messages.transaction(Self.steps, below: "", &writer)
        var reader = JuteReader(writer.buffer)
        for (operation, path, version) in [(Int32(13), "/m", Int32(3)), (5, "/s", 1), (2, "/l", 0)] {
            #expect(try reader.int32() == operation)
            #expect(try !reader.flag())
            #expect(try reader.int32() == -1)
            #expect(try reader.text() == path)
            if operation == 5 { #expect(try reader.bytes() == [7]) }
            #expect(try reader.int32() == version)
        }
        #expect(try reader.int32() == -1)
        #expect(try reader.flag())
    }

    /// What a server says to the steps; the header of an error has the type -1.
    private static func reply(errors: [Int32]) -> ByteBuffer {
        var writer = JuteWriter()
        for (error, operation) in zip(errors, [Int32(13), 5, 2]) {
            writer.add(error == 0 ? operation : -1)
            writer.add(false)
            writer.add(error)
            if error != 0 {
                writer.add(error)
            } else if operation == 5 {
                for number in [40, 41, 0, 0] { writer.add(Int64(number)) }
                for number in [2, 0, 0] { writer.add(Int32(number)) }
                writer.add(Int64(9))
                for number in [1, 0] { writer.add(Int32(number)) }
                writer.add(Int64(40))
            }
        }
        writer.add(Int32(-1))
        writer.add(true)
        writer.add(Int32(-1))
        return writer.buffer
    }

    @Test func `a transaction that was done shows the nodes that it has set`() throws {
        var reader = JuteReader(Self.reply(errors: [0, 0, 0]))
        let nodes = try Messages.results(of: Self.steps, &reader)
        #expect(
            nodes == [
                nil, CoordinationNode(data: [7], created: 40, modified: 41, version: 2, owner: 9, childrenChanged: 40),
                nil,
            ])
    }

    @Test(arguments: [[-103, -2, -2], [0, -103, -2], [0, 0, -101]] as [[Int32]])
    func `a transaction that was not done shows nothing`(errors: [Int32]) throws {
        var reader = JuteReader(Self.reply(errors: errors))
        #expect(try Messages.results(of: Self.steps, &reader) == nil)
    }
}
