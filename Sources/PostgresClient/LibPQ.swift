import CLibPQ
import ClusterModel
import Glibc

/// The functions of libpq that we call, found in the library at run time (dlopen(3), libpq documentation).
///
/// Not linked: the program installs libpq on hosts that do not have it, and so has to start without.
struct LibPQ: @unchecked Sendable {
    /// Throws `.unreachable` on a host without the library; the next call looks again, as it may be installed meanwhile.
    ///
    /// The library stays open until the program ends: dlopen(3) counts, and nothing closes.
    static func load() throws(NodeFailure) -> LibPQ {
        guard let library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL), let found = LibPQ(library) else {
            throw NodeFailure(
                .unreachable, "libpq is not installed on this host", detail: dlerror().map { String(cString: $0) },
                hint: "\"pgha-node install\" brings it with PostgreSQL; by hand, install the package \"libpq5\".")
        }
        return found
    }

    typealias Texts = UnsafePointer<UnsafePointer<CChar>?>?

    let connectStart: @convention(c) (Texts, Texts, Int32) -> OpaquePointer?
    let connectPoll: @convention(c) (OpaquePointer) -> PostgresPollingStatusType
    let finish: @convention(c) (OpaquePointer) -> Void
    let status: @convention(c) (OpaquePointer) -> ConnStatusType
    let socket: @convention(c) (OpaquePointer) -> Int32
    let errorMessage: @convention(c) (OpaquePointer) -> UnsafePointer<CChar>?
    let sendQuery: @convention(c) (OpaquePointer, UnsafePointer<CChar>) -> Int32
    let isBusy: @convention(c) (OpaquePointer) -> Int32
    let consumeInput: @convention(c) (OpaquePointer) -> Int32
    let getResult: @convention(c) (OpaquePointer) -> OpaquePointer?
    let clear: @convention(c) (OpaquePointer) -> Void
    let resultStatus: @convention(c) (OpaquePointer) -> ExecStatusType
    let rowCount: @convention(c) (OpaquePointer) -> Int32
    let columnCount: @convention(c) (OpaquePointer) -> Int32
    let isNull: @convention(c) (OpaquePointer, Int32, Int32) -> Int32
    let value: @convention(c) (OpaquePointer, Int32, Int32) -> UnsafePointer<CChar>?
    let setErrorVerbosity: @convention(c) (OpaquePointer, PGVerbosity) -> PGVerbosity

    private init?(_ library: UnsafeMutableRawPointer) {
        func symbol<Function>(_ name: String) -> Function? {
            dlsym(library, name).map { unsafeBitCast($0, to: Function.self) }
        }
        guard let connectStart: @convention(c) (Texts, Texts, Int32) -> OpaquePointer? = symbol("PQconnectStartParams"),
            let connectPoll: @convention(c) (OpaquePointer) -> PostgresPollingStatusType = symbol("PQconnectPoll"),
            let finish: @convention(c) (OpaquePointer) -> Void = symbol("PQfinish"),
            let status: @convention(c) (OpaquePointer) -> ConnStatusType = symbol("PQstatus"),
            let socket: @convention(c) (OpaquePointer) -> Int32 = symbol("PQsocket"),
            let errorMessage: @convention(c) (OpaquePointer) -> UnsafePointer<CChar>? = symbol("PQerrorMessage"),
            let sendQuery: @convention(c) (OpaquePointer, UnsafePointer<CChar>) -> Int32 = symbol("PQsendQuery"),
            let isBusy: @convention(c) (OpaquePointer) -> Int32 = symbol("PQisBusy"),
            let consumeInput: @convention(c) (OpaquePointer) -> Int32 = symbol("PQconsumeInput"),
            let getResult: @convention(c) (OpaquePointer) -> OpaquePointer? = symbol("PQgetResult"),
            let clear: @convention(c) (OpaquePointer) -> Void = symbol("PQclear"),
            let resultStatus: @convention(c) (OpaquePointer) -> ExecStatusType = symbol("PQresultStatus"),
            let rowCount: @convention(c) (OpaquePointer) -> Int32 = symbol("PQntuples"),
            let columnCount: @convention(c) (OpaquePointer) -> Int32 = symbol("PQnfields"),
            let isNull: @convention(c) (OpaquePointer, Int32, Int32) -> Int32 = symbol("PQgetisnull"),
            let value: @convention(c) (OpaquePointer, Int32, Int32) -> UnsafePointer<CChar>? = symbol("PQgetvalue"),
            let setErrorVerbosity: @convention(c) (OpaquePointer, PGVerbosity) -> PGVerbosity = symbol(
                "PQsetErrorVerbosity")
        else { return nil }
        self.connectStart = connectStart
        self.connectPoll = connectPoll
        self.finish = finish
        self.status = status
        self.socket = socket
        self.errorMessage = errorMessage
        self.sendQuery = sendQuery
        self.isBusy = isBusy
        self.consumeInput = consumeInput
        self.getResult = getResult
        self.clear = clear
        self.resultStatus = resultStatus
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.isNull = isNull
        self.value = value
        self.setErrorVerbosity = setErrorVerbosity
    }
}
