import Testing

@testable import Decisions

@Suite struct HAProxyAnswerTests {
    private static let header = "# pxname,svname,qcur,status,weight,\n"

    private static func server(_ backend: String, _ name: String, isUp: Bool = true) -> HAProxyAnswer.Server {
        HAProxyAnswer.Server(backend: backend, name: name, isUp: isUp)
    }

    @Test func `reads the servers and leaves front ends and sums out`() {
        let answer =
            Self.header + """
                read_write,FRONTEND,,OPEN,,
                leader,pg1,0,UP,1,
                leader,pg2,0,DOWN,1,
                leader,BACKEND,0,UP,1,
                replicas,pg2,0,UP,1,

                """

        #expect(
            HAProxyAnswer.servers(answer) == [
                Self.server("leader", "pg1"), Self.server("leader", "pg2", isUp: false), Self.server("replicas", "pg2"),
            ])
    }

    @Test(arguments: [
        ("UP", true), ("UP 1/3", true), ("UP (resolving)", true), ("DOWN", false), ("DOWN 1/2", false),
        ("MAINT", false), ("DRAIN", false), ("NOLB", false), ("no check", false), ("", false),
    ])
    func `knows which states lead somewhere`(state: String, isUp: Bool) {
        #expect(
            HAProxyAnswer.servers(Self.header + "leader,pg1,0,\(state),1,\n")
                == [Self.server("leader", "pg1", isUp: isUp)])
    }

    @Test func `finds the columns by their names`() {
        #expect(
            HAProxyAnswer.servers("# status,new,svname,pxname\nUP,,pg1,leader\n") == [Self.server("leader", "pg1")])
    }

    @Test(arguments: [
        "", "\n", "Unknown command.\n", "Permission denied\n", "# pxname,svname\nleader,pg1\n", "leader,pg1,0,UP\n",
        header, header + "leader,pg1\n",
    ])
    func `finds no server in what is no such table`(answer: String) {
        #expect(HAProxyAnswer.servers(answer) == [])
    }

    @Test(
        arguments: [
            (
                [server("leader", "pg1"), server("replicas", "pg2"), server("replicas", "pg3")],
                "leader pg1, replicas pg2 pg3"
            ),
            ([server("leader", "pg1"), server("replicas", "pg2", isUp: false)], "leader pg1, no replicas"),
            ([server("leader", "pg1"), server("leader", "pg2")], "leader pg1 pg2, no replicas"),
            ([server("leader", "pg1", isUp: false), server("replicas", "pg2")], nil), ([], nil),
            ([server("statistics", "pg1")], nil),
        ] as [([HAProxyAnswer.Server], String?)])
    func `says the route in one line`(servers: [HAProxyAnswer.Server], route: String?) {
        #expect(HAProxyAnswer.route(servers) == route)
    }
}
