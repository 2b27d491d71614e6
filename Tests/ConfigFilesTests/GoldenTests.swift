import ClusterModel
import ConfigFiles
import GoldenFiles
import Testing

@Suite struct GoldenTests {
    @Test(arguments: Layout.allCases)
    func `renders the files that were reviewed`(layout: Layout) throws {
        for host in layout.goldenHosts {
            let files = ConfigRenderer.files(for: host, of: layout.cluster, secrets: Layout.secrets)
            let base = "\(layout.rawValue)/\(host.name)"
            let list = files.map { "\(String($0.mode, radix: 8)) \($0.owner):\($0.group) \($0.path)\n" }.joined()
            try Golden.expect(list, named: "\(base)/files.txt")
            // Unit files as such are in units/.
            for file in files where !file.isTemplate {
                try Golden.expect(file.contents, named: base + file.path)
            }
        }
    }

    @Test(arguments: Layout.allCases)
    func `renders the dynamic configuration that was reviewed`(layout: Layout) throws {
        try Golden.expect(
            ConfigRenderer.dynamicConfiguration(of: layout.cluster) + "\n", named: "\(layout.rawValue)/dynamic.json")
    }
}

extension RenderedFile {
    /// Whether it is a file of units/ as it is.
    var isTemplate: Bool {
        path.hasPrefix("/etc/sysusers.d/") || (path.hasPrefix("/etc/systemd/system/") && !path.contains(".d/"))
    }
}
