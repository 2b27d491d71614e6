/// The files of this folder as they are in the program: the folder is the source, the program carries them.
package enum UnitFiles {
    /// Names and contents, in the order in which they are written.
    package static let all: [(name: String, contents: String)] = [
        ("pgha.slice", text(PackageResources.pgha_slice)),
        ("pgha.target", text(PackageResources.pgha_target)),
        ("pgha-agent.service", text(PackageResources.pgha_agent_service)),
        ("pgha-zookeeper@.service", text(PackageResources.pgha_zookeeper__service)),
        ("pgha-patroni@.service", text(PackageResources.pgha_patroni__service)),
        ("pgha-haproxy@.service", text(PackageResources.pgha_haproxy__service)),
    ]

    package static let sysusers = text(PackageResources.pgha_sysusers_conf)

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
