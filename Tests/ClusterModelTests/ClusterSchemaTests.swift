import Foundation
import GoldenFiles
import Testing

@testable import ClusterModel

@Suite struct ClusterSchemaTests {
    private static let published = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "cluster.schema.json")

    @Test func `is published as cluster.schema.json`() throws {
        try Golden.expect(ClusterSchema.json, at: Self.published)
    }

    @Test func `is JSON that ends with a newline`() throws {
        let json = ClusterSchema.json
        let schema = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        let properties = schema?["properties"] as? [String: Any]

        #expect(json.hasSuffix("}\n"))
        #expect(properties?.keys.sorted() == ClusterSchema.keys.map(\.name).sorted())
        #expect(schema?["additionalProperties"] as? Bool == false)
    }

    @Test(arguments: [
        ("a", true), ("a-1", true), ("demo", true), ("", false), ("1a", false), ("-a", false), ("A", false),
        ("a_b", false),
        ("a.b", false), ("a b", false), ("ä", false), ("a\n", false), ("pg1", true), ("pg0", true), ("pg10", true),
        ("zookeeper", true), ("haproxy", true), ("pg1x", true), (String(repeating: "a", count: 63), true),
        (String(repeating: "a", count: 64), false), ("_x.y", false), (".x", false), ("work_mem", false),
        ("X_1.y", false), ("A_-9", false), ("a\u{301}", false),
    ])
    func `has patterns that accept what the parser does`(text: String, isClusterName: Bool) throws {
        #expect((TextForm.clusterName.problem(text) == nil) == isClusterName)
        for form in [TextForm.clusterName, .scope, .hostName, .roleName, .parameterName] {
            let pattern = try Regex(form.pattern).matchingSemantics(.unicodeScalar)
            let matches = text.unicodeScalars.last != "\n" && text.firstMatch(of: pattern) != nil
            #expect((form.problem(text) == nil) == matches, "\(form.noun)")
        }
    }

    @Test(arguments: [
        ("0", 0), ("1048576", 1_048_576), ("1MB", 1_048_576), ("16 kB", 16384), ("2GB", 2_147_483_648),
    ])
    func `has sizes that are PostgreSQL's`(text: String, bytes: Int) throws {
        #expect(ByteSize.parse(text) == bytes)
        #expect(text.firstMatch(of: try Regex(ByteSize.pattern)) != nil)
    }

    @Test(arguments: ["1mb", "MB", "", "01MB", "-1MB", "1.5MB", "1 ", "1  MB", "1TB"])
    func `has no other sizes`(text: String) throws {
        #expect(ByteSize.parse(text) == nil)
        #expect(text.firstMatch(of: try Regex(ByteSize.pattern)) == nil)
    }

    @Test(arguments: [
        ("loop_wait", "loop_weit", 1), ("ttl", "tlt", 1), ("", "abc", 3), ("patroni", "patroni", 0),
        ("kitten", "sitting", 3),
    ])
    func `counts what lies between two words`(left: String, right: String, distance: Int) {
        #expect(Spelling.distance(Array(left), Array(right)) == distance)
        #expect(Spelling.distance(Array(right), Array(left)) == distance)
    }

    @Test func `describes every key in one line`() {
        func check(_ keys: [SchemaKey]) {
            for key in keys {
                #expect(
                    key.summary.hasSuffix(".") && key.summary.count <= 116 && !key.summary.contains("\n"), "\(key.name)"
                )
                if case .section(let inner) = key.type { check(inner) }
            }
        }
        check(ClusterSchema.keys + ClusterSchema.hostKeys + ClusterSchema.roleKeys)
    }
}
