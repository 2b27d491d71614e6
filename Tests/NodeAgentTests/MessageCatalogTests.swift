import Decisions
import Testing

@testable import NodeAgent

@Suite struct MessageCatalogTests {
    private static var entries: [[Substring]] {
        MessageCatalog.text.split(separator: "-- ").map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    }

    @Test func `explains every kind of record once, by an identifier of its own`() {
        let identifiers = Self.entries.compactMap(\.first).map(String.init)
        #expect(identifiers == AgentEventKind.allCases.map(\.identifier))
        #expect(Set(identifiers).count == AgentEventKind.allCases.count)
        #expect(identifiers.allSatisfy { $0.count == 32 && $0.allSatisfy { $0.isHexDigit && !$0.isUppercase } })
    }

    @Test func `each entry has a subject, and after an empty line what it means`() {
        for entry in Self.entries {
            #expect(entry.count > 5)
            #expect(entry[1].hasPrefix("Subject: "))
            #expect(entry[4] == "")
            #expect(!entry[5].isEmpty)
            #expect(entry.allSatisfy { $0.count <= 140 })
        }
    }

    @Test(arguments: AgentEventKind.allCases)
    func `each of the agent's records is a signal of the timeline`(_ kind: AgentEventKind) {
        #expect(SignalKind(rawValue: kind.rawValue) != nil)
    }

    @Test func `what it names of a record is there in some record`() {
        let fields = MessageCatalog.text.split(separator: "@").enumerated().filter { !$0.offset.isMultiple(of: 2) }
            .map { String($0.element) }
        #expect(
            Set(fields).isSubset(of: [
                "PGHA_MEMBER", "PGHA_ROLE", "PGHA_REASON", "PGHA_LEADER", "PGHA_PEER", "PGHA_DURATION_MS", "PGHA_USER",
                "PGHA_VERB", "PGHA_TARGET", "PGHA_BEFORE",
            ]))
        #expect(!fields.isEmpty)
    }
}
