import ClusterModel
import ConfigFiles
import Testing

@Suite struct ConfigHeaderTests {
    @Test(arguments: ["#", "//"])
    func `accepts a file as it was written`(comment: String) {
        #expect(ConfigHeader.verify(ConfigHeader.prefixing("a=1\n", comment: comment)) == true)
    }

    @Test func `says what to change instead of the file`() {
        let text = ConfigHeader.prefixing("a=1\n")
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines[0] == "# written by pgha-node from cluster.yml; change that and run pgha-node apply")
        // printf 'a=1\n' | sha256sum
        #expect(
            lines[1] == "# content-hash: sha256:fe3209d6d4f51935b391288a43df48d9ddece1a992597ae53387ca16611a9179")
    }

    @Test func `notices a change by hand`() {
        let text = ConfigHeader.prefixing("a=1\n")
        #expect(ConfigHeader.verify(text + "b=2\n") == false)
        #expect(ConfigHeader.verify(String(text.dropLast())) == false)
    }

    @Test(arguments: ["", "a=1\n", "# a\n# b\na=1\n"])
    func `knows nothing about a file without a header`(text: String) {
        #expect(ConfigHeader.verify(text) == nil)
    }

    @Test(arguments: Layout.allCases)
    func `stands in every text file and is right`(layout: Layout) {
        for host in layout.cluster.hosts {
            for file in ConfigRenderer.files(for: host, of: layout.cluster, secrets: Layout.secrets) {
                let hasNoPlace = file.path.hasSuffix("/myid") || file.path.hasSuffix("/haproxy.state")
                #expect(ConfigHeader.verify(file.contents) == (hasNoPlace ? nil : true), "\(file.path)")
            }
        }
    }
}
