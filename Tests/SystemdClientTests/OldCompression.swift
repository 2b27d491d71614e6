import Foundation
import Testing

/// What systemd compressed data with before zstd (246), put into a journal file whose data are not compressed.
///
/// The writer of this version cannot be asked for it (SYSTEMD_JOURNAL_COMPRESS is of 254). An object may be followed by a gap: readers
/// go by offsets, and the hash of data is that of what they are uncompressed (systemd, JOURNAL_FILE_FORMAT.md, "Data Objects").
enum OldCompression: UInt8, CaseIterable, Sendable {
    /// OBJECT_COMPRESSED_XZ, and HEADER_INCOMPATIBLE_COMPRESSED_XZ.
    case xz = 1
    /// OBJECT_COMPRESSED_LZ4, and HEADER_INCOMPATIBLE_COMPRESSED_LZ4.
    case lz4 = 2

    var flag: String { self == .xz ? "COMPRESSED-XZ" : "COMPRESSED-LZ4" }

    private static let dataObject: UInt8 = 1
    private static let payloadOffset = 64
    /// Smaller data were never compressed.
    private static let threshold = 512

    /// Compresses the data of a file that is not compact. Returns how many.
    func rewrite(_ path: String) throws -> Int {
        var file = try [UInt8](Data(contentsOf: URL(filePath: path)))
        var count = 0
        var offset = Self.number(in: file, at: 88)
        let tail = Self.number(in: file, at: 136)
        while offset <= tail {
            let size = Self.number(in: file, at: offset + 8)
            if file[offset] == Self.dataObject, size - Self.payloadOffset > Self.threshold {
                let packed = try compress(Array(file[(offset + Self.payloadOffset)..<(offset + size)]))
                try #require(packed.count < size - Self.payloadOffset)
                file[offset + 1] |= rawValue
                file.replaceSubrange(
                    (offset + 8)..<(offset + 16), with: Self.bytes(Self.payloadOffset + packed.count))
                let payload = offset + Self.payloadOffset
                file.replaceSubrange(payload..<(payload + packed.count), with: packed)
                count += 1
            }
            offset += (size + 7) & ~7
        }
        file[12] |= rawValue
        try Data(file).write(to: URL(filePath: path))
        return count
    }

    private func compress(_ data: [UInt8]) throws -> [UInt8] {
        switch self {
        case .xz: try Self.xz(data)
        case .lz4: Self.bytes(data.count) + (try Self.lz4(data))
        }
    }

    /// xz(1), without a checksum, as systemd wrote it.
    private static func xz(_ data: [UInt8]) throws -> [UInt8] {
        let plain = FileManager.default.temporaryDirectory.appending(path: "pgha-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: plain) }
        try Data(data).write(to: plain)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/xz")
        process.arguments = ["--check=none", "--keep", "--stdout", plain.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let packed = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return Array(packed)
    }

    /// A block for data that repeat themselves: the beginning as it is, the rest as one match, and the last five bytes, which must not be
    /// of a match (lz4, lz4_Block_format.md, "End of block conditions").
    private static func lz4(_ data: [UInt8]) throws -> [UInt8] {
        let head = "MESSAGE=".utf8.count
        let period = try #require(
            (1..<200).first { period in (head..<(data.count - period)).allSatisfy { data[$0] == data[$0 + period] } })
        let literals = head + period
        let match = data.count - literals - 5
        return [0xFF] + run(literals - 15) + data[..<literals] + [UInt8(period), 0] + run(match - 4 - 15) + [5 << 4]
            + data.suffix(5)
    }

    /// What is beyond the fifteen of a token.
    private static func run(_ length: Int) -> [UInt8] {
        Array(repeating: 255, count: length / 255) + [UInt8(length % 255)]
    }

    private static func number(in file: [UInt8], at offset: Int) -> Int {
        (0..<8).reduce(0) { $0 | Int(file[offset + $1]) << (8 * $1) }
    }

    private static func bytes(_ number: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}
