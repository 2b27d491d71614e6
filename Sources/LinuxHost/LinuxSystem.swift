import CLinux
import ClusterModel
import Glibc
import HostPorts

/// Facts of this kernel and machine.
package struct LinuxSystem: SystemProbe {
    package init() {}

    package var userID: UInt32 { geteuid() }

    package var architecture: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "unknown" }
        return withUnsafeBytes(of: &names.machine) { Self.text($0) }
    }

    package var hostName: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "localhost" }
        return withUnsafeBytes(of: &names.nodename) { Self.text($0) }
    }

    package var programPath: String { Self.target(of: "/proc/self/exe") ?? "/usr/local/bin/pgha-node" }

    package func openFiles(of process: Int32) -> [String] {
        let directory = "/proc/\(process)/fd"
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var paths: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Self.text($0) }
            if let path = Self.target(of: "\(directory)/\(name)") { paths.append(path) }
        }
        return paths
    }

    /// Where a symbolic link leads; nil if it is none, or not for us.
    private static func target(of link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(link, &buffer, buffer.count)
        guard length >= 0 else { return nil }
        return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }

    package func clockSynchronisation() -> ClockSynchronisation {
        var state = timex()
        state.modes = 0
        // Where the call is forbidden, as seccomp may do in a container, the clock counts as not synchronised.
        guard adjtimex(&state) >= 0 else { return ClockSynchronisation(isSynchronised: false, estimatedError: .zero) }
        // TIME_ERROR is returned for other faults as well; STA_UNSYNC is what time services clear (adjtimex(2)).
        return ClockSynchronisation(
            isSynchronised: state.status & STA_UNSYNC == 0, estimatedError: .microseconds(Int(state.esterror)))
    }

    package func randomBytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                getrandom($0.baseAddress?.advanced(by: filled), count - filled, 0)
            }
            // A secret that is not random must never come about; a valid call fails only with EINTR (getrandom(2)).
            guard got > 0 || errno == EINTR else { fatalError("getrandom(2) failed with error \(errno)") }
            filled += max(0, got)
        }
        return bytes
    }

    private static func text(_ field: UnsafeRawBufferPointer) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }
}
