import ArgumentParser
import ClusterModel

struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of cluster.yml, for editors.",
        discussion: """
            "pgha-node init" writes it beside cluster.yml, whose first line leads editors to it.

            Examples:
              pgha-node schema >cluster.schema.json
            """
    )

    func run() {
        Output.result(ClusterSchema.json)
    }
}
