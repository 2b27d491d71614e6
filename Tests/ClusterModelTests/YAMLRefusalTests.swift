import ClusterModel
import Testing

@Suite struct YAMLRefusalTests {
    @Test(arguments: [
        Refusal("", "1:1: the file is empty", hint: "pgha-node init"),
        Refusal("# nothing yet\n", "1:1: the file is empty", hint: "\"name\" and \"hosts\""),
        Refusal("---\n", "1:1: the file is empty"),
        Refusal("just text\n", "1:1: the file must be a map, not text", hint: "below it"),
        Refusal("- a\n- b\n", "1:1: the file must be a map, not a list"),
        Refusal.after(
            "---\nname: other\n", "6:1: the file has more than one document", hint: "Remove the line \"---\""),
        Refusal.after("...\nname: other\n", "7:1: the file is not valid YAML"),
        Refusal.after("patroni:\n\tttl: 30\n", "7:1: a tab in the indentation", hint: "Use spaces."),
        Refusal("name: demo\n\tscope: x\n", "2:1: a tab in the indentation"),
        Refusal.after("patroni: { ttl: 30\n", "7:1: the file is not valid YAML", hint: "brackets"),
        Refusal.after("patroni: ttl: 30\n", "6:13: the file is not valid YAML", hint: "in quotes"),
        Refusal.after("scope: @x\n", "6:8: the file is not valid YAML"),
        Refusal.after("scope: \"x\n", "6:8: the file is not valid YAML"),
        Refusal.after("patroni:\n   ttl: 30\n  loop_wait: 5\n", "8:3: the file is not valid YAML", hint: "indentation"),
    ])
    func `refuses what is not one document of YAML`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test(arguments: [
        Refusal.after("patroni: &p { ttl: 30 }\n", "6:10: anchors are not allowed", hint: "where it is needed"),
        Refusal.after("patroni: *p\n", "6:10: aliases are not allowed", hint: "If the text shall begin with \"*\""),
        Refusal.after("scope: !!str x\n", "6:8: tags are not allowed", hint: "plain value"),
        Refusal.after("? !x scope\n: x\n", "6:3: tags are not allowed"),
        Refusal.after("postgresql: { pg_hba: [ *all ] }\n", "6:25: aliases are not allowed"),
        Refusal.after("\"scope\": *x\n", "6:10: aliases are not allowed"),
        Refusal.after("<<: { scope: x }\n", "6:1: merge keys are not allowed", hint: "where they are needed"),
        Refusal.after("? [scope]\n: x\n", "6:3: a key must be text"),
        Refusal.after("[a]: 1\n[a]: 2\n", "6:1: a key must be text"),
    ])
    func `refuses the parts of YAML that surprise`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test(arguments: [
        Refusal.after("name: again\n", "6:1: the key \"name\" is there twice", hint: "the first is in line 1"),
        Refusal.after(
            "patroni:\n  ttl: 30\n  loop_wait: 5\n  \"ttl\": 20\n", "9:3: the key \"ttl\" is there twice",
            hint: "line 7"),
        Refusal.after("patroni: { ttl: 30, loop_wait: 5, ttl: 20 }\n", "6:35: the key \"ttl\" is there twice"),
        Refusal.after("scope: a\nscope: b\nscope: c\n", "7:1: the key \"scope\" is there twice"),
        Refusal.after("scope: a\nscope: b\nports:\nports:\n", "9:1: the key \"ports\" is there twice"),
        Refusal.after(
            "patroni:\n  ttl: 30\n  ttl: 30\nzookeeper:\n  ttl: 1\n  ttl: 2\n", "8:3: the key \"ttl\" is there twice"),
        Refusal("name: demo\nhosts:\n  pg1: 192.0.2.11\n  pg1: 192.0.2.12\n", "4:3: the key \"pg1\" is there twice"),
        Refusal("'': 1\n'': 2\n", "1:1: the key \"\" is there twice"),
    ])
    func `points to the second of two equal keys`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test(arguments: [
        Refusal("name: de\u{0}mo\n", "1:9: the file has the control character U+0000", hint: "Remove it"),
        Refusal("name: demo\r\n# \u{1B}[2J\n", "2:3: the file has the control character U+001B"),
        Refusal("name: demo # \u{202E}\n", "1:14: the file has the control character U+202E"),
        Refusal("name: \u{85}demo\n", "1:7: the file has the control character U+0085"),
        Refusal.after("scope: \"a\\0b\"\n", "6:8: \"a<U+0000>b\" is not a scope"),
        Refusal.after(
            "scope: \(String(repeating: "x", count: 100))\n",
            "6:8: \"\(String(repeating: "x", count: 60))…\" is not a scope"),
    ])
    func `never repeats control characters or long text`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test(arguments: [
        ([0x6E, 0x61, 0x0A, 0x62, 0xFF] as [UInt8], "2:2: the file is not valid UTF-8"),
        ([0xC3], "1:1: the file is not valid UTF-8"),
        ([0xFF, 0xFE, 0x6E, 0x00], "1:1: the file is UTF-16, not UTF-8"),
    ])
    func `refuses bytes that are not UTF-8`(bytes: [UInt8], message: String) {
        let failure = #expect(throws: NodeFailure.self) { try ClusterFile.load(bytes, file: "cluster.yml") }
        #expect(failure?.message == "cluster.yml:\(message)")
    }

    @Test func `refuses ten megabytes at once and in one line`() {
        let garbage = [UInt8](repeating: 0x5B, count: 10_000_000)
        let clock = ContinuousClock()

        let duration = clock.measure {
            let failure = #expect(throws: NodeFailure.self) { try ClusterFile.load(garbage, file: "cluster.yml") }
            #expect(failure?.message == "cluster.yml:1:1: the file is larger than 1 MiB")
        }

        #expect(duration < .milliseconds(500))
    }

    @Test(arguments: ["[", "- ", "? ", "{a: ", "a:\n", ": "])
    func `refuses nesting without end`(_ opening: String) {
        let text =
            opening.hasSuffix("\n")
            ? (0..<100).map { String(repeating: " ", count: $0) + opening }.joined()
            : String(repeating: opening, count: 200_000)
        let failure = #expect(throws: NodeFailure.self) { try ClusterFile.load(Array(text.utf8), file: "cluster.yml") }
        #expect(failure?.message.hasSuffix("the file is nested deeper than 16 levels") == true)
    }

    @Test func `reads a file with a byte order mark and lines that end as on Windows`() throws {
        let text = "\u{FEFF}" + Refusal.threeHosts.split(separator: "\n").joined(separator: "\r\n")
        #expect(try ClusterFile.load(Array(text.utf8), file: "cluster.yml").hosts.count == 3)
    }
}
