/// The five characters by which PostgreSQL names an error (PostgreSQL documentation, appendix A).
package enum SQLState {
    /// libpq has no code for a connection that is lost or does not come about; these are what the standard calls that.
    package static let lost = "08006"
    package static let notConnected = "08001"

    /// From what libpq says with PQERRORS_VERBOSE, e.g. `FATAL:  57P03: the database system is starting up`.
    package static func inText(_ text: String) -> String? {
        for severity in ["ERROR:", "FATAL:", "PANIC:"] {
            var rest = text[...]
            while let found = rest.firstRange(of: severity) {
                rest = rest[found.upperBound...]
                let word = rest.drop { $0 == " " }.prefix { $0 != ":" }
                if word.count == 5, word.allSatisfy({ $0.isASCII && ($0.isNumber || $0.isUppercase) }) {
                    return String(word)
                }
            }
        }
        return nil
    }

    /// What it means, for the ones that a failover brings.
    package static func name(of state: String) -> String {
        names[state] ?? "class \(state.prefix(2))"
    }

    private static let names = [
        "08001": "could not connect", "08006": "connection lost", "25006": "read-only transaction",
        "57P01": "administrator's shutdown", "57P02": "crash shutdown", "57P03": "cannot connect now",
        "57P05": "idle session timeout", "53300": "too many connections", "57014": "query canceled",
    ]
}
