import ArgumentParser
import ClusterModel
import ConfigFiles
import NodeAgent

/// Manual pages, shell completions and the explanations of journalctl as files, for the places where Debian 12 looks for what is not from a package.
enum Documents {
    static func files() throws(NodeFailure) -> [RenderedFile] {
        let program = try ToolDump.program()
        let pages = [ManualPage(program: program)] + ToolDump.verbs(of: program).map { ManualPage(verb: $0) }
        return pages.map {
            // manpath(5): /usr/local/share/man comes with /usr/local/bin.
            RenderedFile(path: "/usr/local/share/man/man1/\($0.name).1", contents: $0.text)
        } + Shell.allCases.map { RenderedFile(path: $0.path, contents: script(for: $0)) }
            + [RenderedFile(path: MessageCatalog.path, contents: MessageCatalog.text)]
    }

    static func script(for shell: Shell) -> String {
        let text = PghaNodeCommand.completionScript(for: shell.kind)
        return text.hasSuffix("\n") ? text : text + "\n"
    }

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        var kind: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }

        /// Where the shell looks on its own.
        var path: String {
            switch self {
            // bash_completion 2.11, __load_completion: XDG_DATA_DIRS, by default /usr/local/share and /usr/share.
            case .bash: "/usr/local/share/bash-completion/completions/pgha-node"
            // Compiled into the $fpath of Debian's zsh 5.9, before /usr/share/zsh/vendor-functions.
            case .zsh: "/usr/local/share/zsh/site-functions/_pgha-node"
            // __fish_build_paths.fish of Debian's fish 3.6, __extra_completionsdir; without XDG_DATA_DIRS it looks nowhere else.
            case .fish: "/usr/share/fish/vendor_completions.d/pgha-node.fish"
            }
        }
    }
}
