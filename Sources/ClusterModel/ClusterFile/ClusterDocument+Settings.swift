// The sections with settings; what is not in the file keeps its default.
extension ClusterDocument {
    var ports: ClusterPorts {
        var ports = ClusterPorts()
        let section = root["ports"]
        ports.readWrite = section["read_write"].integer ?? ports.readWrite
        ports.readOnly = section["read_only"].integer ?? ports.readOnly
        ports.statistics = section["statistics"].integer ?? ports.statistics
        ports.zookeeperClient = section["zookeeper"].integer ?? ports.zookeeperClient
        ports.zookeeperPeer = section["zookeeper_peer"].integer ?? ports.zookeeperPeer
        ports.zookeeperElection = section["zookeeper_election"].integer ?? ports.zookeeperElection
        return ports
    }

    func patroni(default settings: PatroniSettings) -> PatroniSettings {
        var settings = settings
        let section = root["patroni"]
        settings.source = root["versions"]["patroni"].text == "distribution" ? .distribution : .pinned
        settings.ttl = section["ttl"].integer ?? settings.ttl
        settings.loopWait = section["loop_wait"].integer ?? settings.loopWait
        settings.retryTimeout = section["retry_timeout"].integer ?? settings.retryTimeout
        settings.maximumLagOnFailover =
            section["maximum_lag_on_failover"].text.flatMap(ByteSize.parse) ?? settings.maximumLagOnFailover
        settings.usePgRewind = section["use_pg_rewind"].boolean ?? settings.usePgRewind
        settings.failsafeMode = section["failsafe_mode"].boolean ?? settings.failsafeMode
        return settings
    }

    func postgres() throws(NodeFailure) -> PostgresSettings {
        var settings = PostgresSettings()
        settings.version = root["versions"]["postgresql"].integer ?? settings.version
        settings.hbaLines = root["postgresql"]["pg_hba"].elements.compactMap(\.text)
        var names: Set<String> = []
        for field in root["postgresql"]["parameters"].fields {
            let lower = field.key.lowercased()
            guard names.insert(lower).inserted else {
                throw source.failure(
                    "the parameter \(field.key.quoted) is there twice", at: field.position,
                    detail: "PostgreSQL does not tell upper from lower case in names of parameters.",
                    hint: "Remove one of them.")
            }
            settings.parameters.append(try parameter(field))
        }
        return settings
    }

    private func parameter(_ field: YAMLField) throws(NodeFailure) -> ConfigParameter {
        let name = field.key.lowercased()
        if let hint = ReservedParameter.hint(for: name) {
            throw source.failure("the parameter \(field.key.quoted) cannot be set here", at: field.position, hint: hint)
        }
        let value = field.value.boolean.map { $0 ? "on" : "off" } ?? field.value.text ?? ""
        if let problem = ParameterValue.problem(name, value) {
            throw source.failure(
                problem.message, at: field.value.position, detail: problem.detail, hint: problem.hint)
        }
        return ConfigParameter(name: field.key, value: value)
    }

    var agent: AgentSettings {
        var settings = AgentSettings()
        let section = root["agent"]
        settings.suspicion = section["suspicion"].integer ?? settings.suspicion
        settings.onCrash = section["on_crash"].text.flatMap(CrashPolicy.init) ?? settings.onCrash
        return settings
    }

    var drill: DrillSettings {
        var settings = DrillSettings()
        let section = root["drill"]
        settings.isAllowed = section["allowed"].boolean ?? settings.isAllowed
        for field in section["limits"].fields { settings.limits[field.key] = field.value.integer }
        return settings
    }

    var zookeeper: ZooKeeperSettings {
        var settings = ZooKeeperSettings()
        let section = root["zookeeper"]
        settings.tickTime = section["tick_time"].integer ?? settings.tickTime
        settings.initLimit = section["init_limit"].integer ?? settings.initLimit
        settings.syncLimit = section["sync_limit"].integer ?? settings.syncLimit
        settings.minSessionTimeout = section["min_session_timeout"].integer ?? settings.minSessionTimeout
        settings.maxSessionTimeout = section["max_session_timeout"].integer ?? settings.maxSessionTimeout
        settings.heapMegabytes = section["heap_megabytes"].integer ?? settings.heapMegabytes
        return settings
    }

    var haproxy: HAProxySettings {
        var settings = HAProxySettings()
        settings.maxConnections = root["haproxy"]["max_connections"].integer ?? settings.maxConnections
        settings.statisticsOpen = root["haproxy"]["statistics_open"].boolean ?? settings.statisticsOpen
        return settings
    }

    var directories: Directories {
        var directories = Directories()
        let section = root["directories"]
        directories.data = section["data"].text.map(DataDirectory.canonical) ?? directories.data
        // The same base is no base of its own.
        let own = { (key: String) in
            section[key].text.map(DataDirectory.canonical).flatMap { $0 == directories.data ? nil : $0 }
        }
        directories.postgresql = own("postgresql")
        directories.zookeeper = own("zookeeper")
        return directories
    }
}
