import ClusterModel

// The machine and its kernel.
extension Preflight {
    func root() -> PreflightFinding {
        facts.userID == 0
            ? PreflightFinding(.root, .ok, "runs as root")
            : PreflightFinding(.root, .failed, "runs as user \(facts.userID)", hint: "Run the same command with sudo.")
    }

    func systemd() -> PreflightFinding {
        let least = 247
        guard facts.initProcess == "systemd" else {
            return PreflightFinding(
                .systemd, .failed, "PID 1 is \"\(facts.initProcess ?? "unknown")\", not systemd",
                hint: "Use a host or a container that boots with systemd; services here are systemd units.")
        }
        guard let version = facts.systemdVersion, let number = Int(version.prefix { $0.isNumber }) else {
            return PreflightFinding(
                .systemd, .failed, "systemd did not answer on the system bus",
                hint: "Check that \"systemctl status\" works; the package \"dbus\" must be installed and running.")
        }
        return number >= least
            ? PreflightFinding(.systemd, .ok, "systemd \(number) is PID 1")
            : PreflightFinding(
                .systemd, .failed, "systemd is version \(number), and \(least) is the oldest that will do",
                hint: "Upgrade to Debian 12 or another distribution with a newer systemd.")
    }

    func controlGroups() -> PreflightFinding {
        guard facts.hasUnifiedControlGroups else {
            return PreflightFinding(
                .cgroupV2, .failed, "control groups are not version 2 (there is no /sys/fs/cgroup/cgroup.controllers)",
                hint: "Boot with \"systemd.unified_cgroup_hierarchy=1\" on the kernel's command line; "
                    + "systemd-nspawn takes UNIFIED_CGROUP_HIERARCHY=1 in its environment.")
        }
        guard facts.hasFreezer else {
            return PreflightFinding(
                .cgroupV2, .failed, "control groups have no freezer (there is no cgroup.freeze)",
                hint: "Freezing and fencing need Linux 5.2 or newer.")
        }
        return PreflightFinding(.cgroupV2, .ok, "control groups are version 2 and have a freezer")
    }

    func distribution() -> PreflightFinding {
        guard let found = facts.distribution else {
            return PreflightFinding(
                .distribution, .failed, "the distribution is not known (there is no /etc/os-release)",
                hint: "Use Debian 12.")
        }
        if found.id == "debian", found.version == "12" { return PreflightFinding(.distribution, .ok, found.name) }
        guard found.id == "debian" || found.id == "ubuntu" else {
            return PreflightFinding(
                .distribution, .failed, "\(found.name) is not Debian or Ubuntu",
                hint: "Use Debian 12; packages are installed with apt, by the names they have there.")
        }
        return PreflightFinding(
            .distribution, .warning, "\(found.name) is not tested",
            hint: "Debian 12 is; elsewhere packages may have other names or versions. Try it on a spare host first.")
    }

    func architecture() -> PreflightFinding {
        ["x86_64", "aarch64"].contains(facts.architecture)
            ? PreflightFinding(.architecture, .ok, facts.architecture)
            : PreflightFinding(
                .architecture, .failed, "the processor is \"\(facts.architecture)\"", hint: "Use x86_64 or aarch64.")
    }

    func timeSync() -> PreflightFinding {
        facts.isClockSynchronised
            ? PreflightFinding(.timeSync, .ok, "the kernel's clock is synchronised")
            : PreflightFinding(
                .timeSync, .warning, "the kernel's clock is not synchronised",
                hint: "Install a time service, for example with \"apt-get install chrony\". "
                    + "A container has the clock of its machine, so do it there.")
    }

    func memory() -> PreflightFinding {
        guard let memory = facts.memory else { return unknown(.memory, "/proc/meminfo could not be read") }
        let least = leastMemory
        // A machine of 1 GiB shows a little less: the kernel keeps a part for itself.
        let usable = memory + memory / 10
        let wanted = "this host's roles want \(PreflightText.gibibytes(least * 2))"
        let text = "\(PreflightText.gibibytes(memory)) of memory"
        if usable < least {
            return PreflightFinding(
                .memory, .failed, "\(text), and at least \(PreflightText.gibibytes(least)) is needed",
                hint: "Give the host more memory, or fewer roles; \(wanted).")
        }
        if usable < least * 2 {
            return PreflightFinding(
                .memory, .warning, "\(text), which is tight",
                hint: "Under load the kernel may kill PostgreSQL or ZooKeeper; \(wanted).")
        }
        return PreflightFinding(.memory, .ok, text)
    }

    /// In bytes: 512 MiB for the system, ZooKeeper's heap, 256 MiB for each member; never less than 1 GiB.
    private var leastMemory: Int64 {
        let placed = host.roles.flatMap(\.services)
        let servers = placed.filter { $0 == .zookeeper }.count
        let members = placed.filter { $0 == .patroni }.count
        let mebibytes = 512 + servers * cluster.zookeeper.heapMegabytes + members * 256
        return Int64(max(1024, mebibytes)) << 20
    }

    func swap() -> PreflightFinding {
        guard facts.hasSwap else { return PreflightFinding(.swap, .ok, "there is no swap") }
        guard let swappiness = facts.swappiness else { return unknown(.swap, "vm.swappiness could not be read") }
        return swappiness <= 10
            ? PreflightFinding(.swap, .ok, "swap is on and vm.swappiness is \(swappiness)")
            : PreflightFinding(
                .swap, .warning, "swap is on and vm.swappiness is \(swappiness)",
                hint: "A ZooKeeper that is swapped out loses its sessions, and the leader with them. "
                    + "Put \"vm.swappiness = 1\" into /etc/sysctl.d/90-pgha.conf and run \"sysctl --system\".")
    }

    func transparentHugePages() -> PreflightFinding {
        guard let line = facts.transparentHugePages else {
            return PreflightFinding(.transparentHugePages, .ok, "the kernel has none")
        }
        let setting = line.split(separator: "[").last?.prefix { $0 != "]" } ?? ""
        return setting != "always"
            ? PreflightFinding(.transparentHugePages, .ok, "transparent huge pages are \"\(setting)\"")
            : PreflightFinding(
                .transparentHugePages, .warning, "transparent huge pages are \"always\"",
                hint: "Compaction stops PostgreSQL and Java at random. Write \"madvise\" to "
                    + "/sys/kernel/mm/transparent_hugepage/enabled, and for every boot put "
                    + "\"transparent_hugepage=madvise\" on the kernel's command line.")
    }

    func overcommit() -> PreflightFinding {
        switch facts.overcommitMemory {
        case nil: unknown(.overcommit, "vm.overcommit_memory could not be read")
        case 1:
            PreflightFinding(
                .overcommit, .warning, "vm.overcommit_memory is 1: memory is promised without limit",
                hint: "The kernel then kills PostgreSQL when memory runs out. Put \"vm.overcommit_memory = 2\" into "
                    + "/etc/sysctl.d/90-pgha.conf, or 0, and run \"sysctl --system\".")
        case 2: PreflightFinding(.overcommit, .ok, "vm.overcommit_memory is 2")
        case let value?:
            // PostgreSQL documentation, "Linux Memory Overcommit".
            PreflightFinding(.overcommit, .ok, "vm.overcommit_memory is \(value); PostgreSQL's documentation prefers 2")
        }
    }

    func unknown(_ check: PreflightCheck, _ why: String) -> PreflightFinding {
        PreflightFinding(check, .skipped, why)
    }
}
