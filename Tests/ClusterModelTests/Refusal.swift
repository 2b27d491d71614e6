import ClusterModel
import Testing

/// A file that is refused, the first line that is said about it, and a part of the hint.
struct Refusal: Sendable, CustomTestStringConvertible {
    static let threeHosts = """
        name: demo
        hosts:
          pg1: 192.0.2.11
          pg2: 192.0.2.12
          pg3: 192.0.2.13

        """

    var yaml: String
    var message: String
    var hint: String

    init(_ yaml: String, _ message: String, hint: String = "") {
        self.yaml = yaml
        self.message = message
        self.hint = hint
    }

    /// Three hosts and what follows; its first line is line 6.
    static func after(_ yaml: String, _ message: String, hint: String = "") -> Refusal {
        Refusal(threeHosts + yaml, message, hint: hint)
    }

    var testDescription: String { message }

    func expect(sourceLocation: SourceLocation = #_sourceLocation) {
        do {
            let cluster = try ClusterFile.load(Array(yaml.utf8), file: "cluster.yml")
            Issue.record("was accepted: \(cluster)", sourceLocation: sourceLocation)
        } catch {
            #expect(error.code == .invalidConfiguration, sourceLocation: sourceLocation)
            #expect(error.message == "cluster.yml:\(message)", sourceLocation: sourceLocation)
            #expect(hint.isEmpty || error.hint?.contains(hint) == true, "\(error)", sourceLocation: sourceLocation)
            expectVoice(error, sourceLocation: sourceLocation)
        }
    }

    /// PostgreSQL's Error Message Style Guide.
    private func expectVoice(_ error: NodeFailure, sourceLocation: SourceLocation) {
        #expect(!error.message.hasSuffix("."), sourceLocation: sourceLocation)
        for sentence in [error.detail, error.hint].compactMap(\.self) {
            let isSentence = sentence.hasSuffix(".") || sentence.hasSuffix("?") || sentence.hasSuffix("]\".")
            #expect(isSentence && sentence.first?.isUppercase == true, "\(sentence)", sourceLocation: sourceLocation)
        }
    }
}
