import ClusterModel
import Decisions
import HostPorts

extension LogRecord {
    /// Who said it.
    package var speaker: Speaker {
        Speaker(service: unit.place.service, program: program, isManager: identifier == "systemd" && pid == 1)
    }
}
