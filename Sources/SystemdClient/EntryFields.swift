import ClusterModel
import HostPorts

extension UnsafeRawBufferPointer {
    /// Whether these are `NAME=…`.
    func hasField(_ name: StaticString) -> Bool {
        let length = name.utf8CodeUnitCount
        return count > length && self[length] == UInt8(ascii: "=") && starts(with: name)
    }

    func value(after name: StaticString) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: dropFirst(name.utf8CodeUnitCount + 1))
    }

    private func starts(with name: StaticString) -> Bool {
        for index in 0..<name.utf8CodeUnitCount where self[index] != name.utf8Start[index] { return false }
        return true
    }
}

/// Texts that come again and again, so that each is made once.
struct KnownTexts {
    private var texts: [String] = []

    mutating func text(_ bytes: UnsafeRawBufferPointer) -> String {
        for text in texts where Self.isEqual(text, bytes) { return text }
        let made = String(decoding: bytes, as: UTF8.self)
        if texts.count == 32 { texts.removeFirst() }
        texts.append(made)
        return made
    }

    private static func isEqual(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        text.utf8.count == bytes.count && text.utf8.elementsEqual(bytes)
    }
}

/// What is taken of an entry's fields while they come by, in whatever order.
struct EntryFields {
    let isWhole: Bool
    let wanted: [String]
    private(set) var message: [UInt8]?
    private var unit: String?
    private var about: String?
    private var object: String?
    private var dumped: String?
    private var identifier: String?
    private var program: String?
    private var host = ""
    private var pid: Int?
    private var claimedPid: Int?
    private var priority: Int?
    private var fields: [LogField] = []

    init(isWhole: Bool, wanted: [String]) {
        self.isWhole = isWhole
        self.wanted = wanted
    }

    mutating func take(_ bytes: UnsafeRawBufferPointer, _ known: inout KnownTexts) {
        if isWhole || !wanted.isEmpty { keep(bytes, &known) }
        guard let first = bytes.first else { return }
        switch first {
        case UInt8(ascii: "M"):
            if message == nil, bytes.hasField("MESSAGE") { message = Array(bytes.value(after: "MESSAGE")) }
        case UInt8(ascii: "P"):
            if bytes.hasField("PRIORITY") { priority = Self.number(bytes.value(after: "PRIORITY")) }
        case UInt8(ascii: "S"):
            if bytes.hasField("SYSLOG_IDENTIFIER") { identifier = known.text(bytes.value(after: "SYSLOG_IDENTIFIER")) }
            if bytes.hasField("SYSLOG_PID") { claimedPid = Self.number(bytes.value(after: "SYSLOG_PID")) }
        case UInt8(ascii: "_"): takeTrusted(bytes, &known)
        case UInt8(ascii: "U"): if bytes.hasField("UNIT") { about = known.text(bytes.value(after: "UNIT")) }
        case UInt8(ascii: "O"):
            if bytes.hasField("OBJECT_SYSTEMD_UNIT") { object = known.text(bytes.value(after: "OBJECT_SYSTEMD_UNIT")) }
        case UInt8(ascii: "C"):
            if bytes.hasField("COREDUMP_UNIT") { dumped = known.text(bytes.value(after: "COREDUMP_UNIT")) }
        default: break
        }
    }

    /// Fields that only journald itself sets (systemd.journal-fields(7), "Trusted Journal Fields").
    private mutating func takeTrusted(_ bytes: UnsafeRawBufferPointer, _ known: inout KnownTexts) {
        if bytes.hasField("_SYSTEMD_UNIT") {
            unit = known.text(bytes.value(after: "_SYSTEMD_UNIT"))
        } else if bytes.hasField("_COMM") {
            program = known.text(bytes.value(after: "_COMM"))
        } else if bytes.hasField("_PID") {
            pid = Self.number(bytes.value(after: "_PID"))
        } else if bytes.hasField("_HOSTNAME") {
            host = known.text(bytes.value(after: "_HOSTNAME"))
        }
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer, _ known: inout KnownTexts) {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "=")) else { return }
        let name = known.text(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
        guard isWhole || wanted.contains(name) else { return }
        fields.append(LogField(name, Array(bytes[(end + 1)...])))
    }

    private static func number(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard !bytes.isEmpty, bytes.count <= 10 else { return nil }
        var value = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    /// nil for an entry that is about none of the units, unless all are wanted.
    func record(at time: UInt64, about units: Set<String>) -> LogRecord? {
        let names = [unit, about, object, dumped]
        let subject: String
        if units.isEmpty {
            // systemd's own entries are about the unit that they name.
            subject = about ?? object ?? dumped ?? unit ?? ""
        } else if let found = names.lazy.compactMap({ $0 }).first(where: units.contains) {
            subject = found
        } else {
            subject = unit ?? ""
        }
        var record = LogRecord(
            time: time, unit: UnitName(subject), identifier: identifier ?? program ?? "unknown", pid: pid ?? claimedPid,
            priority: priority, message: message ?? [])
        record.program = program
        record.host = host
        record.fields = fields
        return record
    }
}
