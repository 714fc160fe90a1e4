import Glibc

/// Real files that come with a checkout of the data, or nothing.
enum SharedData {
    /// `APUS_SHARED_DATA`, or `shared/data` beside the package.
    static let folder: String? = {
        var candidates = ["../shared/data", "../../shared/data"]
        if let set = unsafe getenv("APUS_SHARED_DATA") {
            candidates.insert(unsafe String(cString: set), at: 0)
        }
        return candidates.first { read($0 + "/README.md") != nil }
    }()

    static var isThere: Bool { folder != nil }

    /// The whole file, or nil.
    static func file(_ name: String) -> [UInt8]? { folder.flatMap { read("\($0)/\(name)") } }

    private static func read(_ path: String) -> [UInt8]? {
        // SAFETY: the stream is used between its opening and its closing in this function only,
        // and the buffer holds as many bytes as are asked for.
        guard let file = unsafe fopen(path, "rb") else { return nil }
        defer { _ = unsafe fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&piece, 1, piece.count, file)
            if count == 0 { return bytes }
            bytes += piece.prefix(count)
        }
    }
}
