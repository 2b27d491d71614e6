import Decisions
import Testing

@Suite struct ZooKeeperAnswerTests {
    @Test(
        arguments: [
            (
                "Zookeeper version: 3.8.0\nLatency min/avg/max: 0/0.5/9\nMode: leader\nNode count: 7\n",
                "leader"
            ),
            ("Mode: follower\n", "follower"), ("Mode: standalone", "standalone"), ("Mode: observer\n", "observer"),
            ("This ZooKeeper instance is not currently serving requests\n", nil),
            ("srvr is not executed because it is not in the whitelist.\n", nil), ("", nil), (nil, nil),
        ] as [(String?, String?)])
    func `tells the mode of a server that serves`(answer: String?, mode: String?) {
        #expect(ZooKeeperAnswer.mode(answer) == mode)
    }

    @Test(
        arguments: [
            ("This ZooKeeper instance is not currently serving requests\n", true), ("Mode: leader\n", false),
            ("srvr is not executed because it is not in the whitelist.\n", false), ("", false), (nil, false),
        ] as [(String?, Bool)])
    func `tells a server without a quorum from one that does not answer`(answer: String?, isWithout: Bool) {
        #expect(ZooKeeperAnswer.isWithoutQuorum(answer) == isWithout)
    }
}
