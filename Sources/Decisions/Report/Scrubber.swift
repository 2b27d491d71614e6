import ClusterModel

/// Takes secrets out of what leaves the cluster: the cluster's own wherever they stand, and others by the form in which they
/// are written.
package struct Scrubber: Sendable {
    private static let mask = Array("<scrubbed>".utf8)
    /// Shorter ones would be found in every text.
    private static let shortest = 8

    /// By their first byte, the longest first.
    private var known: [[[UInt8]]] = Array(repeating: [], count: 256)

    package init(_ secrets: Secrets) {
        let passwords = [
            secrets.superuser, secrets.replication, secrets.rewind, secrets.restAPI, secrets.zookeeper,
        ]
        var needles = passwords.map { Array($0.utf8) }
        // HTTP's basic authentication (RFC 7617), with the user of patroni.yml.
        for password in passwords { needles.append(Self.base64(Array("patroni:\(password)".utf8))) }
        // The lines of a key, whatever stands between them.
        for line in secrets.authority?.key.split(separator: "\n") ?? [] where !line.hasPrefix("-----") {
            needles.append(Array(line.utf8))
        }
        for needle in Set(needles).sorted(by: { $0.count > $1.count }) where needle.count >= Self.shortest {
            known[Int(needle[0])].append(needle)
        }
    }

    package func scrub(_ text: String) -> String { String(decoding: scrub(Array(text.utf8)), as: UTF8.self) }

    package func scrub(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var place = 0
        while place < bytes.count {
            if let secret = secret(in: bytes, at: place) {
                output += bytes[place..<secret.lowerBound]
                output += Self.mask
                place = secret.upperBound
            } else {
                output.append(bytes[place])
                place += 1
            }
        }
        return output
    }

    /// Where the next secret is, if what shows it begins at `place`.
    private func secret(in bytes: [UInt8], at place: Int) -> Range<Int>? {
        let byte = bytes[place]
        for needle in known[Int(byte)] where Self.has(needle, in: bytes, at: place) {
            return place..<(place + needle.count)
        }
        switch byte {
        case UInt8(ascii: "p"), UInt8(ascii: "P"), UInt8(ascii: "s"), UInt8(ascii: "S"):
            return Self.valueOfKey(in: bytes, at: place) ?? Self.verifier(in: bytes, at: place)
        case UInt8(ascii: "a"), UInt8(ascii: "A"): return Self.authorization(in: bytes, at: place)
        case UInt8(ascii: ":"): return Self.passwordOfURL(in: bytes, at: place)
        case UInt8(ascii: "m"): return Self.hash(in: bytes, at: place)
        case UInt8(ascii: "-"): return Self.privateKey(in: bytes, at: place)
        default: return nil
        }
    }
}

// Forms in which secrets are written.
extension Scrubber {
    private static let keys = ["password", "passwd", "passphrase", "passfile_password", "secret"].map { Array($0.utf8) }

    /// What follows `password=`, `"password": `, `PASSWORD '` and the like.
    private static func valueOfKey(in bytes: [UInt8], at place: Int) -> Range<Int>? {
        guard let key = keys.first(where: { hasIgnoringCase($0, in: bytes, at: place) }) else { return nil }
        var end = place + key.count
        if end < bytes.count, isQuote(bytes[end]) { end += 1 }
        // A backslash stands before a quote within a quoted text.
        if end + 1 < bytes.count, bytes[end] == UInt8(ascii: "\\"), isQuote(bytes[end + 1]) { end += 2 }
        let afterKey = end
        end = skipBlanks(bytes, end)
        let isAssigned = end < bytes.count && (bytes[end] == UInt8(ascii: "=") || bytes[end] == UInt8(ascii: ":"))
        if isAssigned { end = skipBlanks(bytes, end + 1) }
        if end < bytes.count, bytes[end] == UInt8(ascii: "\\") { end += 1 }
        guard end < bytes.count else { return nil }
        if isQuote(bytes[end]), isAssigned || end > afterKey {
            let quote = bytes[end]
            let close = bytes[(end + 1)...].firstIndex { $0 == quote || $0 == UInt8(ascii: "\n") } ?? bytes.count
            return close > end + 1 ? (end + 1)..<close : nil
        }
        guard isAssigned else { return nil }
        let close = bytes[end...].firstIndex { isEnd($0) } ?? bytes.count
        return close > end ? end..<close : nil
    }

    /// What PostgreSQL stores instead of a password: `SCRAM-SHA-256$4096:…`.
    private static func verifier(in bytes: [UInt8], at place: Int) -> Range<Int>? {
        let head = Array("SCRAM-SHA-256$".utf8)
        guard has(head, in: bytes, at: place) else { return nil }
        let start = place + head.count
        let close = bytes[start...].firstIndex { isEnd($0) } ?? bytes.count
        return start..<close
    }

    private static func hash(in bytes: [UInt8], at place: Int) -> Range<Int>? {
        guard has(Array("md5".utf8), in: bytes, at: place), place + 35 <= bytes.count,
            bytes[(place + 3)..<(place + 35)].allSatisfy({ isHexadecimal($0) }),
            place + 35 == bytes.count || !isHexadecimal(bytes[place + 35])
        else { return nil }
        return (place + 3)..<(place + 35)
    }

    private static func authorization(in bytes: [UInt8], at place: Int) -> Range<Int>? {
        let head = Array("authorization:".utf8)
        guard hasIgnoringCase(head, in: bytes, at: place) else { return nil }
        let start = skipBlanks(bytes, place + head.count)
        let close = bytes[start...].firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? bytes.count
        return close > start ? start..<close : nil
    }

    /// `scheme://user:password@host`.
    private static func passwordOfURL(in bytes: [UInt8], at place: Int) -> Range<Int>? {
        guard has(Array("://".utf8), in: bytes, at: place) else { return nil }
        let start = place + 3
        let end = bytes[start...].firstIndex { isBlank($0) || $0 == UInt8(ascii: "/") } ?? bytes.count
        guard let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")),
            let colon = bytes[start..<at].firstIndex(of: UInt8(ascii: ":")), colon + 1 < at
        else { return nil }
        return (colon + 1)..<at
    }

    /// What is between the first and the last line of a private key in PEM (RFC 7468).
    private static func privateKey(in bytes: [UInt8], at place: Int) -> Range<Int>? {
        let head = Array("-----BEGIN ".utf8)
        guard has(head, in: bytes, at: place) else { return nil }
        let label = place + head.count
        guard let dash = bytes[label...].firstIndex(of: UInt8(ascii: "-")), dash - label < 40,
            bytes[label..<dash].suffix(11).elementsEqual("PRIVATE KEY".utf8)
        else { return nil }
        let start = min(bytes.count, dash + 5)
        let tail = Array("-----END ".utf8)
        var end = start
        while end < bytes.count, !has(tail, in: bytes, at: end) { end += 1 }
        return start..<end
    }
}

// Bytes.
extension Scrubber {
    private static func has(_ needle: [UInt8], in bytes: [UInt8], at place: Int) -> Bool {
        guard place + needle.count <= bytes.count else { return false }
        for index in needle.indices where bytes[place + index] != needle[index] { return false }
        return true
    }

    /// The needle in lower case.
    private static func hasIgnoringCase(_ needle: [UInt8], in bytes: [UInt8], at place: Int) -> Bool {
        guard place + needle.count <= bytes.count else { return false }
        for index in needle.indices {
            let byte = bytes[place + index]
            let lower = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            if lower != needle[index] { return false }
        }
        return true
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 }
    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") }
    private static func isEnd(_ byte: UInt8) -> Bool {
        isBlank(byte) || isQuote(byte) || [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "&")].contains(byte)
            || [UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: "\\")].contains(byte)
    }
    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func skipBlanks(_ bytes: [UInt8], _ place: Int) -> Int {
        var place = place
        while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
        return place
    }

    /// RFC 4648.
    static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = Array(bytes[start..<min(start + 3, bytes.count)])
            let number = group.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
            for digit in 0..<4 {
                output.append(
                    digit <= group.count ? alphabet[number >> (18 - 6 * digit) & 63] : UInt8(ascii: "="))
            }
        }
        return output
    }
}
