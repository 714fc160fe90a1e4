// What a command of the shell needs of its process: words of the environment, bytes in and out,
// and an end with a code. All of it blocks, so it is for `main` and never for a loop.

internal import Bytes
internal import Glibc

/// The standard streams and the environment of this process.
package enum StandardStreams {
    /// The value of an environment variable, or nil.
    package static func environment(_ name: String) -> String? {
        // SAFETY: copied at once; nothing in this process changes the environment.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// Writes all of `bytes` to the standard output; false when nobody reads it any more.
    @discardableResult
    package static func write(_ bytes: [UInt8]) -> Bool { write(bytes, to: STDOUT_FILENO) }

    /// Writes `text` and a line end to the standard output.
    @discardableResult
    package static func line(_ text: String) -> Bool { write([UInt8]((text + "\n").utf8)) }

    /// Writes `text` and a line end to the standard error.
    @discardableResult
    package static func complain(_ text: String) -> Bool {
        write([UInt8]((text + "\n").utf8), to: STDERR_FILENO)
    }

    /// Replaces the last line of the standard error, for progress that a person watches.
    package static func overwrite(_ text: String) {
        _ = write([UInt8]("\r\u{1b}[K\(text)".utf8), to: STDERR_FILENO)
    }

    /// Up to `count` bytes of the standard input; empty at its end, nil when it fails.
    package static func read(_ count: Int) -> [UInt8]? {
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var got = -1
            repeat {
                // SAFETY: reads into the room of the array.
                got = unsafe Glibc.read(STDIN_FILENO, buffer.baseAddress, count)
            } while got < 0 && errno == EINTR
            failed = got < 0
            filled = max(got, 0)
        }
        return failed ? nil : bytes
    }

    /// Whether a person reads the standard error, so that progress may overwrite its line.
    package static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Ends the process at once. Nothing is flushed: close what is open before.
    package static func exit(_ code: Int32) -> Never { Glibc.exit(code) }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            // SAFETY: the pointer is valid during the call.
            let written = unsafe rest.withUnsafeBytes { room in
                unsafe Glibc.write(descriptor, room.baseAddress, room.count)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }
}
