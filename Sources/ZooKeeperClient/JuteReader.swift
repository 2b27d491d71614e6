import NIOCore

/// What does not read as ZooKeeper's protocol.
struct ProtocolDamage: Error {
    var text: String
}

/// Reads values as jute writes them: big-endian numbers, byte strings and lists with their count before them.
struct JuteReader {
    private var buffer: ByteBuffer

    init(_ buffer: ByteBuffer) {
        self.buffer = buffer
    }

    mutating func int32() throws -> Int32 {
        guard let value = buffer.readInteger(as: Int32.self) else { throw ProtocolDamage(text: "it ends in a number") }
        return value
    }

    mutating func int64() throws -> Int64 {
        guard let value = buffer.readInteger(as: Int64.self) else { throw ProtocolDamage(text: "it ends in a number") }
        return value
    }

    mutating func flag() throws -> Bool {
        guard let value = buffer.readInteger(as: UInt8.self) else { throw ProtocolDamage(text: "it ends in a flag") }
        return value != 0
    }

    /// A length of -1 is jute's null, which is no bytes here.
    mutating func bytes() throws -> [UInt8] {
        let length = try int32()
        if length == -1 { return [] }
        guard length >= 0, let bytes = buffer.readBytes(length: Int(length)) else {
            throw ProtocolDamage(text: "it says that \(length) bytes follow")
        }
        return bytes
    }

    mutating func text() throws -> String { String(decoding: try bytes(), as: UTF8.self) }

    mutating func texts() throws -> [String] {
        let count = try int32()
        // Each has at least its length, so a damaged count cannot ask for more memory than the frame has.
        guard count >= -1, Int(max(count, 0)) * 4 <= buffer.readableBytes else {
            throw ProtocolDamage(text: "it says that \(count) names follow")
        }
        var texts: [String] = []
        for _ in 0..<max(count, 0) { texts.append(try text()) }
        return texts
    }
}

/// Writes the same.
struct JuteWriter {
    private(set) var buffer = ByteBuffer()

    mutating func add(_ value: Int32) { buffer.writeInteger(value) }
    mutating func add(_ value: Int64) { buffer.writeInteger(value) }
    mutating func add(_ value: Bool) { buffer.writeInteger(UInt8(value ? 1 : 0)) }

    mutating func add(_ bytes: [UInt8]) {
        buffer.writeInteger(Int32(bytes.count))
        buffer.writeBytes(bytes)
    }

    mutating func add(_ text: String) { add(Array(text.utf8)) }

    mutating func add(_ texts: [String]) {
        buffer.writeInteger(Int32(texts.count))
        for text in texts { add(text) }
    }

    /// As it goes over the wire: its length first.
    var frame: ByteBuffer {
        var frame = ByteBuffer()
        frame.writeInteger(Int32(buffer.readableBytes))
        frame.writeImmutableBuffer(buffer)
        return frame
    }
}

/// Cuts the stream of bytes into frames.
struct FrameDecoder: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    /// A server sends at most jute.maxbuffer, 1 MiB unless it was raised (ZooKeeper administrator's guide).
    static let limit = 4 << 20

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: Int32.self) else { return .needMoreData }
        guard length >= 0, length <= Self.limit else { throw ProtocolDamage(text: "a frame of \(length) bytes") }
        guard buffer.readableBytes >= 4 + Int(length) else { return .needMoreData }
        buffer.moveReaderIndex(forwardBy: 4)
        guard let frame = buffer.readSlice(length: Int(length)) else { return .needMoreData }
        context.fireChannelRead(wrapInboundOut(frame))
        return .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        try decode(context: context, buffer: &buffer)
    }
}
