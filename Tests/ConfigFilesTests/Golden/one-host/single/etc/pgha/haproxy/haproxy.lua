-- written by pgha-node from cluster.yml; change that and run pgha-node apply
-- content-hash: sha256:e2a2305797d11f244f34b3cb27476c67ff76d149e9e7511996306a3cec9bab42
-- New connections to the entry point wait for a leader instead of failing, for 5 s at most (HAProxy Lua
-- documentation, "core.register_action" and "core.register_cli"). "hold read_write SECONDS" on the runtime socket
-- lets them wait although a server is up still: the agent says so when a switchover begins.
local limit = 5
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
    applet:send("\n")
end)
