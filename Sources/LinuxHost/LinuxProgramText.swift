import Glibc
import HostPorts

/// The code and the constants of this program and of its libraries in memory.
package enum LinuxProgramText {
    /// Leaves their pages to the page cache until they are needed again, so that what only the start needed does not count as
    /// memory of this process for as long as it lives. Nothing is read from disk for it unless the kernel wants the memory itself.
    ///
    /// Only mappings of files that may not be written to and in which nothing was ever written (by relocation, or a debugger): those
    /// are the same when they come back (madvise(2), MADV_DONTNEED). Returns how many bytes were in memory of those.
    @discardableResult
    package static func leave() -> Int {
        guard let text = try? LinuxFileStore().text("/proc/self/smaps") else { return 0 }
        return mappings(text).filter { madvise($0.start, $0.size, Int32(MADV_DONTNEED)) == 0 }.map(\.resident).reduce(
            0, +)
    }

    struct Mapping {
        var start: UnsafeMutableRawPointer
        var size: Int
        /// Bytes.
        var resident: Int
    }

    /// The clean and unchangeable ones of proc_pid_smaps(5).
    static func mappings(_ text: String) -> [Mapping] {
        var found: [Mapping] = []
        var current: Mapping?
        for line in text.split(separator: "\n") {
            if let kilobytes = value(of: "Rss:", line) { current?.resident = kilobytes * 1024 }
            guard let kilobytes = value(of: "Anonymous:", line) else {
                if !line.prefix(24).contains(":") { current = clean(line) }
                continue
            }
            if let mapping = current, kilobytes == 0, mapping.resident > 0 { found.append(mapping) }
            current = nil
        }
        return found
    }

    /// `5581e0000000-5581e3000000 r-xp 00000000 00:29 813 /usr/local/bin/pgha-node`; nil for what may be written to, or is no file.
    private static func clean(_ line: Substring) -> Mapping? {
        let fields = line.split(separator: " ", maxSplits: 5)
        guard fields.count == 6, fields[5].contains("/"), fields[1].hasPrefix("r-"), fields[1].hasSuffix("p") else {
            return nil
        }
        let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, let start = UnsafeMutableRawPointer(bitPattern: ends[0]) else { return nil }
        return Mapping(start: start, size: Int(ends[1] - ends[0]), resident: 0)
    }

    /// The kilobytes of a line such as `Rss:   20260 kB`.
    private static func value(of name: String, _ line: Substring) -> Int? {
        guard line.hasPrefix(name) else { return nil }
        return line.dropFirst(name.count).split(separator: " ").first.flatMap { Int($0) }
    }
}
