/// What makes a new connection wait for a leader instead of failing while the leader changes.
///
/// HAProxy refuses a connection as soon as a backend has no server that is up. `set maxconn frontend … 0` would hold them, and
/// ends HAProxy 2.6.12 when it is taken back. So a few lines of Lua wait, for a time that is limited there and that nobody has to
/// take back: not even an agent that has died in between.
package enum HAProxyWait {
    /// How long a connection waits at most.
    package static let seconds = 5

    /// For the runtime socket: new connections wait although a server is up, for so many seconds at most; 0 ends that.
    package static func command(holdingFor seconds: Int) -> String { "hold read_write \(seconds)\n" }

    static let lua = """
        -- New connections to the entry point wait for a leader instead of failing, for \(seconds) s at most (HAProxy Lua
        -- documentation, "core.register_action" and "core.register_cli"). "hold read_write SECONDS" on the runtime socket
        -- lets them wait although a server is up still: the agent says so when a switchover begins.
        local limit = \(seconds)
        local held_until = 0

        local function now()
            local time = core.now()
            return time.sec + time.usec / 1000000
        end

        core.register_action("wait_for_leader", {"tcp-req"}, function(transaction)
            local deadline = now() + limit
            while now() < deadline do
                if now() >= held_until and tonumber(transaction.f:nbsrv("leader")) > 0 then
                    return
                end
                core.msleep(10)
            end
        end)

        core.register_cli({"hold", "read_write"}, "hold read_write SECONDS : new connections wait", function(applet, _, _, seconds)
            held_until = now() + math.min(tonumber(seconds) or 0, limit)
            applet:send("\\n")
        end)

        """
}
