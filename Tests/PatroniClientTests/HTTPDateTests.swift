import Testing

@testable import PatroniClient

struct HTTPDateTests {
    @Test func `reads the date of an answer`() {
        #expect(HTTPDate.seconds("Tue, 24 Nov 2026 14:26:16 GMT") == 1_795_530_376)
        #expect(HTTPDate.seconds("Thu, 01 Jan 1970 00:00:01 GMT") == 1)
        #expect(HTTPDate.seconds("Tue, 29 Feb 2028 23:59:59 GMT") == 1_835_481_599)
    }

    @Test(arguments: [
        "", "yesterday", "Tue, 24 Nov 2026 14:26:16", "Tue, 24 Nov 2026 14:26:16 GMT+1", "24.11.2026",
        "Tue, 24 Nox 2026 14:26:16 GMT", "Tue, 24 Nov 2026 24:26:16 GMT", "Tue, 24 Nov 2026 14:26 GMT",
    ])
    func `takes nothing else for a date`(text: String) {
        #expect(HTTPDate.seconds(text) == nil)
    }
}
