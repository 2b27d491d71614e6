import NodeCommands

@main
enum PghaNode {
    static func main() async {
        await NodeProgram.main()
    }
}
