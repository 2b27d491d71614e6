import ClusterModel
import SeededRandom
import Testing

@Suite struct ClusterFileFuzzTests {
    private static let special = Array("\0\t\n\r\"'#&*!|>%@`,[]{}:-? ~<\u{85}é".utf8)

    private static func mutate(_ bytes: inout [UInt8], using generator: inout SplitMix) {
        guard let place = bytes.indices.randomElement(using: &generator) else { return }
        let end = min(bytes.count, place + Int.random(in: 1...40, using: &generator))
        switch Int.random(in: 0...4, using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        case 1: bytes.removeSubrange(place..<end)
        case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 3: bytes[place] = special.randomElement(using: &generator) ?? 0
        default: bytes.insert(special.randomElement(using: &generator) ?? 0, at: place)
        }
    }

    @Test(arguments: [ValidFile.everything, .parameters, .oneHost, .fiveRoles])
    func `reads or refuses whatever comes`(_ file: ValidFile) throws {
        var generator = SplitMix(state: 20_240_517)
        let original = try file.bytes
        let clock = ContinuousClock()
        let start = clock.now
        var accepted = 0
        for round in 0..<500 {
            var bytes = original
            for _ in 0...(round % 4) { Self.mutate(&bytes, using: &generator) }
            do throws(NodeFailure) {
                let cluster = try ClusterFile.load(bytes, file: "cluster.yml")
                #expect(!cluster.hosts.isEmpty)
                accepted += 1
            } catch {
                #expect(error.code == .invalidConfiguration)
                #expect(error.message.hasPrefix("cluster.yml:"))
                #expect(!error.description.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
            }
        }
        #expect(accepted > 0 && accepted < 500)
        #expect(clock.now - start < .seconds(5))
    }
}
