import Glibc

/// Addresses of hosts: IPv4 and IPv6, never names.
package enum HostAddress {
    /// The one way to write this address (inet_ntop(3)); nil if it is none.
    static func canonical(_ text: String) -> String? {
        guard let bytes = bytes(of: text) else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    static func isLoopback(_ address: String) -> Bool {
        guard let bytes = bytes(of: address) else { return false }
        return bytes.count == 4 ? bytes[0] == 127 : bytes == loopback6
    }

    static func problem(_ text: String) -> TextProblem? {
        guard let bytes = bytes(of: text) else {
            return TextProblem(message: "\(text.quoted) is not an IP address", hint: hint(for: text))
        }
        guard let (kind, hint) = bytes.count == 4 ? unfit4(bytes) : unfit6(bytes) else { return nil }
        return TextProblem(
            message: "\(text.quoted) is \(kind)",
            hint: hint ?? "Give the address by which the other hosts reach this one.")
    }

    private static let loopback6 = [UInt8](repeating: 0, count: 15) + [1]

    /// In network order: 4 of IPv4, 16 of IPv6; nil if it is no address.
    package static func bytes(of text: String) -> [UInt8]? {
        // What is no character of an address could be a NUL, at which C stops to read.
        guard text.utf8.allSatisfy({ $0.isDigit || $0.isLetter || $0.isOne(of: ".:") }) else { return nil }
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four, Array.init) }
        var six = in6_addr()
        return inet_pton(AF_INET6, text, &six) == 1 ? withUnsafeBytes(of: &six, Array.init) : nil
    }

    // IANA IPv4 Special-Purpose Address Registry.
    private static func unfit4(_ bytes: [UInt8]) -> (kind: String, hint: String?)? {
        switch (bytes[0], bytes[1]) {
        case (0, _): ("not the address of a host", nil)
        case (169, 254): ("a link-local address", nil)
        case (224...239, _): ("a multicast address", nil)
        case (240...255, _): ("a reserved address", nil)
        default: nil
        }
    }

    // RFC 4291, "IP Version 6 Addressing Architecture".
    private static func unfit6(_ bytes: [UInt8]) -> (kind: String, hint: String?)? {
        if bytes.allSatisfy({ $0 == 0 }) { return ("not the address of a host", nil) }
        if bytes[0] == 0xFF { return ("a multicast address", nil) }
        if bytes[0] == 0xFE, bytes[1] & 0xC0 == 0x80 {
            return ("a link-local address", "It needs an interface to go with it. Give a global or unique local one.")
        }
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            return ("an IPv4 address in the form of IPv6", "Write it as IPv4.")
        }
        return nil
    }

    private static func hint(for text: String) -> String {
        if text.contains("/") { return "Write the address only, without the length of the network." }
        if text.hasPrefix("[") { return "Write it without brackets and without a port." }
        if text.contains("%") {
            return "An address with an interface is link-local. Give a global or unique local address."
        }
        if text.contains("."), text.contains(":") { return "Write the address only; ports have keys of their own." }
        if !text.contains(":"), text.utf8.contains(where: \.isLetter) {
            return "Write the host's IP address, not its name: a failover must not depend on a name server."
        }
        return "Write an IPv4 address such as 192.0.2.11 or an IPv6 address such as 2001:db8::5."
    }
}
