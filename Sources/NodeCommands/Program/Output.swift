import ArgumentParser
import ClusterModel
import Foundation
import NodeInstaller

/// How a result is written to stdout.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
}

struct OutputOptions: ParsableArguments {
    @Option(name: .customLong("output"), help: "How to print the result: table or json.")
    var format = OutputFormat.table

    /// The single place where a result becomes text: JSON of the value, or what `table` makes of it.
    func render<Value: Encodable>(_ value: Value, table: (Value) -> String) throws(NodeFailure) {
        switch format {
        case .json: Output.result(try JSONText.text(of: value))
        case .table: Output.result(table(value))
        }
    }
}

/// stdout is the result, stderr the commentary.
enum Output {
    static func result(_ text: String) {
        guard !text.isEmpty else { return }
        let line = text.hasSuffix("\n") ? text : text + "\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }

    static func comment(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}

/// Columns of plain text, two spaces between them; empty without rows.
struct TextTable {
    var headers: [String]
    var rows: [[String]]

    var text: String {
        guard !rows.isEmpty else { return "" }
        let all = [headers] + rows
        let widths = headers.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
