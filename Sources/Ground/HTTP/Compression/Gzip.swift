// gzip (RFC 1952) by zlib, whole or in pieces. A compressor holds about 256 KiB; each loop keeps
// one for whole bodies, a streamed body has its own while it lasts.

package import Bytes
internal import CZlib

/// Compresses one stream after the other. One owner.
@safe
package struct GzipEncoder: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameter level: 1 (fast) to 9 (small).
    package init(level: Int32 = 5) {
        // SAFETY: zeroed as zlib asks, freed in deinit; never moved, since zlib points back at it.
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for the gzip wrapper.
        let code = unsafe deflateInit2_(
            stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "deflateInit2: \(code)")
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// When output is handed out.
    package enum Flush: Equatable, Sendable {
        /// When there is enough of it.
        case none
        /// All of it, so that the reader gets what was written so far.
        case sync
        /// All of it and the end of the stream; the encoder then begins anew.
        case finish
    }

    /// Compresses `bytes` to the end of `output`. O(bytes).
    package mutating func encode(_ bytes: RawSpan, _ flush: Flush, to output: inout ByteBuffer) {
        let mode =
            switch flush {
            case .none: Z_NO_FLUSH
            case .sync: Z_SYNC_FLUSH
            case .finish: Z_FINISH
            }
        unsafe bytes.withUnsafeBytes { input in
            // SAFETY: zlib only reads the input, and only during this call.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(
                mutating: input.bindMemory(to: UInt8.self).baseAddress)
            unsafe stream.pointee.avail_in = UInt32(input.count)
            var isFull = true
            while isFull {
                let room = max(256, min(input.count, 64 * 1024))
                unsafe output.append(upTo: room) { free in
                    unsafe stream.pointee.next_out = free.bindMemory(to: UInt8.self).baseAddress
                    unsafe stream.pointee.avail_out = UInt32(free.count)
                    let code = unsafe deflate(stream, mode)
                    // Z_BUF_ERROR says only that there was nothing to do.
                    precondition(code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR)
                    isFull = unsafe stream.pointee.avail_out == 0
                    return unsafe free.count - Int(stream.pointee.avail_out)
                }
            }
            unsafe stream.pointee.next_in = nil
        }
        if flush == .finish {
            let code = unsafe deflateReset(stream)
            precondition(code == Z_OK)
        }
    }
}

/// Decompresses a whole gzip text, for tests and the client.
///
/// - Returns: nil when it is malformed, cut off or larger than `limit`.
package func gunzip(_ bytes: RawSpan, limit: Int) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard
        unsafe inflateInit2_(
            &stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return nil }
    defer { unsafe inflateEnd(&stream) }
    var output = ByteBuffer(capacity: min(limit, bytes.byteCount * 4) + 16)
    var code = Z_OK
    unsafe bytes.withUnsafeBytes { input in
        // SAFETY: zlib only reads the input, and only during this call.
        unsafe stream.next_in = UnsafeMutablePointer(
            mutating: input.bindMemory(to: UInt8.self).baseAddress)
        unsafe stream.avail_in = UInt32(input.count)
        while code == Z_OK, output.count <= limit {
            unsafe output.append(upTo: 16 * 1024) { free in
                unsafe stream.next_out = free.bindMemory(to: UInt8.self).baseAddress
                unsafe stream.avail_out = UInt32(free.count)
                code = unsafe inflate(&stream, Z_NO_FLUSH)
                return unsafe free.count - Int(stream.avail_out)
            }
        }
    }
    guard code == Z_STREAM_END, output.count <= limit, unsafe stream.avail_in == 0 else {
        return nil
    }
    return output.array
}
