import HTTP
import Host
import Platform

/// A way to whoever has the folder open: the running server, or this process when there is none.
/// Then it makes the same assembly, with its control socket, for as long as the command takes, so
/// that both cases are one path.
struct ControlAccess: Sendable {
    let client: ControlClient
    private let assembly: Assembly?
    private let server: HTTPServer?

    /// - Parameter folder: must exist; a shell command does not make one by a typing error.
    static func open(_ folder: String, on loop: Loop) async throws(CommandFailure)
        -> ControlAccess
    {
        let files = RealFileSystem()
        let path = ControlClient.path(in: folder)
        do throws(FileError) {
            guard try files.exists(folder + "/folder") else {
                throw .notFound(path: folder)
            }
        } catch {
            throw CommandFailure("\(folder) is no data folder of Apus; name it with --data")
        }
        let client = ControlClient(path: path, loop: loop)
        if await client.isAnswered() {
            return ControlAccess(client: client, assembly: nil, server: nil)
        }
        var settings = AssemblySettings(folder: folder, loops: 1)
        settings.logLevel = .warning
        let assembly = try await Assembly.open(settings)
        do {
            let server = try assembly.startControl()
            return ControlAccess(
                client: client, assembly: assembly, server: server)
        } catch {
            await assembly.close()
            throw error
        }
    }

    func close() async {
        await server?.drain(milliseconds: 5_000)
        await assembly?.close()
    }
}
