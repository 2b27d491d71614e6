import Decisions
import Glibc

extension LocalTime {
    /// The host's time zone (tzset(3)).
    static let system = LocalTime(
        civil: { seconds in
            var time = time_t(seconds)
            var parts = tm()
            localtime_r(&time, &parts)
            return CivilTime(
                Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday), Int(parts.tm_hour),
                Int(parts.tm_min), Int(parts.tm_sec))
        },
        seconds: { civil in
            var parts = tm()
            parts.tm_year = Int32(civil.year - 1900)
            parts.tm_mon = Int32(civil.month - 1)
            parts.tm_mday = Int32(civil.day)
            parts.tm_hour = Int32(civil.hour)
            parts.tm_min = Int32(civil.minute)
            parts.tm_sec = Int32(civil.second)
            // Let the time zone say whether it is summer time (mktime(3)).
            parts.tm_isdst = -1
            return Int64(mktime(&parts))
        })
}
