import CSystemd
import ClusterModel

extension BusConnection {
    /// Queues a job for the unit and follows it to its end by systemd's JobRemoved signal, or until `isCancelled`.
    func runJob(
        _ method: String, _ verb: String, _ unit: UnitName, within limit: Duration, isCancelled: () -> Bool
    ) throws(NodeFailure) {
        // The match comes before the job, and Subscribe before both, or a quick job's signal is missed.
        try call(BusMethod("Subscribe"), to: "subscribe to systemd", read: { _ throws(NodeFailure) in })
        let rule =
            "type='signal',sender='\(BusMethod.systemd)',interface='org.freedesktop.systemd1.Manager',"
            + "member='JobRemoved'"
        try BusMessage.check(sd_bus_add_match(handle, nil, rule, nil, nil))
        let job = try call(
            BusMethod(method), to: "\(verb) \"\(unit)\"",
            arguments: { message throws(NodeFailure) in
                try BusMessage.append(unit.text, to: message)
                try BusMessage.append("replace", to: message)
            },
            read: { reply throws(NodeFailure) in try BusMessage.text("o", from: reply) })
        let result = try waitForEnd(ofJob: job, deadline: .now + limit, isCancelled)
        switch result {
        case "done", "skipped":
            return
        case nil where isCancelled():
            throw NodeFailure(
                .interrupted, "interrupted while systemd was about to \(verb) \"\(unit)\"",
                detail: "Its job goes on without us.",
                hint: "Run \"pgha-node ps\" to see how far it is, or \"systemctl list-jobs\".")
        case nil:
            throw NodeFailure(
                .timeout, "could not \(verb) \"\(unit)\" within \(limit)",
                detail: "systemd is still at it; the job goes on.",
                hint: "Run \"journalctl -u \(unit)\" to see what it waits for.")
        case "canceled":
            throw NodeFailure(
                .serviceFailed, "could not \(verb) \"\(unit)\": its job was cancelled",
                detail: "Somebody else has told systemd to do something else with the unit, or to cancel the job.",
                hint: "Run \"systemctl list-jobs\" and \"pgha-node ps\", then the same command again.")
        case let result?:
            throw NodeFailure(
                .serviceFailed, "could not \(verb) \"\(unit)\"",
                detail: "The job ended with result \"\(result)\".",
                hint: "Run \"journalctl -u \(unit) -n 50\" to see why.")
        }
    }

    /// The job's result as systemd names it, or nil if the deadline passed.
    private func waitForEnd(
        ofJob job: String, deadline: ContinuousClock.Instant, _ isCancelled: () -> Bool
    ) throws(NodeFailure) -> String? {
        while true {
            var message: OpaquePointer?
            let processed = sd_bus_process(handle, &message)
            try BusMessage.check(processed)
            if let message {
                defer { sd_bus_message_unref(message) }
                if let result = try Self.result(ofJob: job, in: message) { return result }
                continue
            }
            if processed > 0 { continue }
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero, !isCancelled() else { return nil }
            try BusMessage.check(sd_bus_wait(handle, min(left, .milliseconds(100)).microseconds))
        }
    }

    private static func result(ofJob job: String, in message: OpaquePointer) throws(NodeFailure) -> String? {
        guard sd_bus_message_is_signal(message, "org.freedesktop.systemd1.Manager", "JobRemoved") > 0 else {
            return nil
        }
        _ = try BusMessage.unsigned32(from: message)
        guard try BusMessage.text("o", from: message) == job else { return nil }
        _ = try BusMessage.text("s", from: message)
        return try BusMessage.text("s", from: message)
    }
}
